// A form that hands its fields to one action and shows what was refused.
import { useState } from 'react';

/** `act` gets the fields and returns what the hooks return: `{ error }`. */
export function Form({ id, fields, act, children }) {
  const [refused, refuse] = useState(null);
  async function submit(event) {
    event.preventDefault();
    const result = await act(Object.fromEntries(new FormData(event.target))).catch(error => ({ error }));
    refuse(result?.error ? (result.error.errors?.[0]?.code ?? result.error.code ?? String(result.error)) : null);
  }
  return (
    <form id={id} onSubmit={submit}>
      {fields.map(name => (
        <input key={name} name={name} aria-label={name} />
      ))}
      <button>{children}</button>
      {refused && <output className="refused">{refused}</output>}
    </form>
  );
}
