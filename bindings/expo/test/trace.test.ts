import assert from 'node:assert/strict';
import { test } from 'node:test';

import { printTrace } from '../src/trace.js';
import { FakeNative } from './fakes.js';

test('prints the lines of the core as the core prints them', () => {
  const native = new FakeNative();
  const lines: string[] = [];
  const stop = printTrace(native, (line) => lines.push(line));
  native.sayTrace({ afterMs: 4, text: 'bootstrap: poll #1 getSession() -> sess_1' });
  stop();
  native.sayTrace({ afterMs: 5, text: 'nobody listens' });
  assert.deepEqual(lines, ['perennial     +4 ms  bootstrap: poll #1 getSession() -> sess_1']);
  printTrace(null, () => assert.fail())();
});
