// What the pages say, by the keys of the catalogue that they say it from: a flow
// stays true when a text is worded better, and runs in every language.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.resolve(import.meta.dirname, '../../internal/locale/messages');

/** The texts of a language: key to text as it is shown, or to a pattern where
 * the page fills something in that `values` does not have. */
export function words(language) {
  const texts = {};
  for (const file of readdirSync(folder)) {
    if (file.endsWith(`.${language}.json`)) Object.assign(texts, JSON.parse(readFileSync(path.join(folder, file), 'utf8')));
  }
  return (key, values = {}) => {
    const text = texts[key]?.other ?? texts[key];
    if (text === undefined) throw new Error(`no text ${key} in ${language}`);
    const parts = text.split(/\{\{\.(\w+)\}\}/).map((part, at) => (at % 2 ? values[part] : part));
    if (!parts.includes(undefined)) return parts.join('');
    return new RegExp(parts.map(part => part?.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&') ?? '.+').join(''));
  };
}
