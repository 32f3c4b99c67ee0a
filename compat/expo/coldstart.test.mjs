// Every schedule once for each generation over the device core, with short
// waits: nobody may lose a session. And what proves that a loss would be seen.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { LIMITS } from './runner/repetition.mjs';
import { broken } from './runner/required.mjs';
import { run } from './runner/run.mjs';
import { schedules } from './runner/schedules.mjs';

const seed = process.env.PERENNIAL_SEED ?? '1';
const VERSIONS = { 3: '3.2.7', 4: '4.6.6' };

describe('cold starts over the device core', () => {
  let results;
  before(async () => {
    results = await run({
      repetitions: 1, generations: [3, 4], natives: ['perennial'], devices: 4, atOnce: 8, seed, short: true,
    });
  });

  for (const generation of [3, 4]) {
    for (const schedule of Object.keys(schedules)) {
      test(`@clerk/expo ${VERSIONS[generation]}: ${schedule}`, () => {
        const result = results.find(each => each.generation === generation && each.schedule === schedule);
        assert.deepEqual(broken(result), [], result.story);
      });
    }
  }
});

test('over bindings/expo, a load that fails is not the end of the launch', async () => {
  const results = await run({
    repetitions: 1, generations: [3, 4], natives: ['package'], only: 'too many requests', atOnce: 2, seed, short: true,
  });
  assert.equal(results.length, 2);
  for (const result of results) assert.deepEqual(broken(result), [], `@clerk/expo ${VERSIONS[result.generation]}\n${result.story}`);
});

test('over the original native logic, a reload of the script ends the session', async () => {
  const [result] = await run({
    repetitions: 1, generations: [3], natives: ['original'], only: 'script reload', atOnce: 1, seed, short: true,
    limits: { ...LIMITS, windowMs: 15_000, afterFaultMs: 15_000, relaunchMs: 2_000 },
  });
  assert.equal(result.revoked, true, result.story);
  assert.equal(result.lost, true, result.story);
});
