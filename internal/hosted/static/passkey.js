// Asks the browser for a passkey, or to make one, and sends what it answers.
const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0));
const text = buffer =>
  buffer && btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const named = list => (list ?? []).map(each => ({ ...each, id: bytes(each.id) }));

/** A credential as the server reads it. */
function written({ id, rawId, type, authenticatorAttachment, response }) {
  const of = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ['authenticatorData', 'signature', 'userHandle', 'attestationObject']) {
    if (response[name]) of[name] = text(response[name]);
  }
  if (response.getTransports) of.transports = response.getTransports();
  return JSON.stringify({ id, rawId: text(rawId), type, authenticatorAttachment, response: of });
}

let asked; // what the browser was last asked: it answers one question at a time

function ask(form, mediation, { signal }) {
  const options = JSON.parse(form.dataset.options);
  const publicKey = { ...options, challenge: bytes(options.challenge) };
  if (form.dataset.passkey === 'create') {
    publicKey.user = { ...options.user, id: bytes(options.user.id) };
    publicKey.excludeCredentials = named(options.excludeCredentials);
    return navigator.credentials.create({ publicKey, signal });
  }
  publicKey.allowCredentials = named(options.allowCredentials);
  return navigator.credentials.get({ publicKey, signal, ...(mediation && { mediation }) });
}

/**
 * A form that sends a passkey: when its button is pressed, or at once. Some
 * browsers let a question wait that nobody asked for by hand, and show nothing:
 * the button takes its place.
 */
function prepare(form) {
  const told = document.getElementById('unanswered');
  const run = async mediation => {
    asked?.abort();
    const asking = (asked = new AbortController());
    try {
      const credential = await ask(form, mediation, asking);
      form.elements.public_key_credential.value = written(credential);
      form.submit();
    } catch {
      if (told && !mediation && !asking.signal.aborted) told.hidden = false;
    }
  };
  form.addEventListener('submit', event => {
    event.preventDefault();
    run();
  });
  return run;
}

/** Offers passkeys beside the names that the browser knows, where it can. */
async function fill(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  if (!form.dataset.options) {
    const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams({ do: 'fill' }) });
    if (!answer.ok || answer.redirected) return;
    form.dataset.options = (await answer.json()).options;
  }
  prepare(form)('conditional');
}

if (window.PublicKeyCredential) {
  for (const element of document.querySelectorAll('[data-passkey]')) element.hidden = false;
  for (const element of document.querySelectorAll('[data-passkey-missing]')) element.hidden = true;
  for (const form of document.querySelectorAll('form[data-options]:not([data-passkey=fill])')) {
    const run = prepare(form);
    if (form.id === 'passkey') run(); // the page is about nothing else
  }
  for (const form of document.querySelectorAll('form[data-passkey=fill]')) fill(form).catch(() => {});
}
