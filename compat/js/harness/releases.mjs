// The releases of clerk-js that apps in the field are built with: the oldest
// that each published @clerk/expo line resolves to, and the newest.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const installed = path.resolve(import.meta.dirname, '../../node_modules');

export const releases = ['clerk-js-6-8-0', 'clerk-js-6-31-1', '@clerk/clerk-js'].map(module => ({
  module,
  version: JSON.parse(readFileSync(path.join(installed, module, 'package.json'), 'utf8')).version,
}));

export const newest = releases.at(-1);
