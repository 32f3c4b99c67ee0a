// Every schedule once for each generation over the device core, with short
// waits: nobody may lose a session. And what proves that a loss would be seen.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { LIMITS } from './runner/repetition.mjs';
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
        const { story, ended, ever, givesUp, lost, wrong, revoked, crashed } = result;
        assert.equal(crashed, undefined, story);
        assert.equal(wrong, false, `a session was shown that must not be\n${story}`);
        if (ended) return;
        assert.equal(revoked, false, `the session was ended\n${story}`);
        assert.equal(lost, false, `the session is lost for good\n${story}`);
        assert.equal(ever || givesUp, true, `the session was not restored in this launch\n${story}`);
      });
    }
  }
});

test('over bindings/expo, a load that fails is not the end of the launch', async () => {
  const results = await run({
    repetitions: 1, generations: [3, 4], natives: ['package'], only: 'too many requests', atOnce: 2, seed, short: true,
  });
  for (const { generation, ever, lost, story } of results) {
    assert.deepEqual({ ever, lost }, { ever: true, lost: false }, `@clerk/expo ${VERSIONS[generation]}\n${story}`);
  }
});

test('over the original native logic, a reload of the script ends the session', async () => {
  const [result] = await run({
    repetitions: 1, generations: [3], natives: ['original'], only: 'script reload', atOnce: 1, seed, short: true,
    limits: { ...LIMITS, windowMs: 4_000, afterFaultMs: 4_000, relaunchMs: 2_000 },
  });
  assert.equal(result.revoked, true, result.story);
  assert.equal(result.lost, true, result.story);
});
