// Replaces what differs from run to run by names, so that a recording is stable
// and holds no credential. The same value always gets the same name, which lets
// a replay bind the names to the values of its own run.

const IDENTIFIER = /(?<![0-9A-Za-z])(client|sess_activity|sess|user|sia|sua|idn|msg|sit|ins)_[0-9A-Za-z]{27}\b/g;
const TICKET = /\bpst_[\w-]+/g;
const JWT = /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g;
const OPAQUE_KEYS = new Set(['n', 'kid', 'clerk_trace_id']);
const MILLISECONDS = 1_000_000_000_000;

export class Normaliser {
  names = new Map(); // value → name
  counts = new Map(); // kind → how many

  /** The name of a value, made up on first sight. */
  name(kind, value) {
    let name = this.names.get(value);
    if (!name) {
      const count = (this.counts.get(kind) ?? 0) + 1;
      this.counts.set(kind, count);
      name = `{${kind}_${count}}`;
      this.names.set(value, name);
    }
    return name;
  }

  /** A value that has one name only, such as the server's address. */
  constant(name, value) {
    this.names.set(value, `{${name}}`);
  }

  text(text) {
    // Longest first: a token may contain something that has a name itself.
    for (const value of [...this.names.keys()].sort((a, b) => b.length - a.length)) {
      text = text.replaceAll(value, this.names.get(value));
    }
    return text
      .replace(JWT, jwt => this.name('jwt', jwt))
      .replace(TICKET, ticket => this.name('ticket', ticket))
      .replace(IDENTIFIER, (id, kind) => this.name(kind, id));
  }

  /** A JSON value with names in it, and instants that are all alike. */
  json(value, key) {
    if (typeof value === 'string') return OPAQUE_KEYS.has(key) ? `{${key}}` : this.text(value);
    if (typeof value === 'number') return value > MILLISECONDS ? 1_700_000_000_000 : value;
    if (Array.isArray(value)) return value.map(item => this.json(item));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, this.json(member, name)]));
  }
}
