// docs/coverage.md: what the server says of every published operation.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const file = path.resolve(import.meta.dirname, '../../../docs/coverage.md');
const ROW = /^\| `([A-Z]+) ([^`]+)` \| (.*) \|$/;

/** What is said of the operation of a request, `METHOD /path`; nothing for one that no document has. */
export function coverage(request) {
  const [method, asked] = request.split(' ');
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, verb, template, state] = ROW.exec(line) ?? [];
    if (verb === method && pattern(template).test(asked)) return state;
  }
}

const pattern = template => new RegExp(`^${template.replace(/\{[^}]*\}/g, '[^/]+')}$`);
