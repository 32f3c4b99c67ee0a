// Keeps somebody signed in from Node, over the C interface and a real server.
// Each launch of the app is a process of its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const server = JSON.parse(process.env.PERENNIAL_READY);
const launch = (name, input = {}) => {
  const run = spawnSync(process.execPath, [fileURLToPath(new URL('launch.mjs', import.meta.url)), name], {
    encoding: 'utf8',
    env: { ...process.env, PERENNIAL_INPUT: JSON.stringify(input) },
    timeout: 60_000,
  });
  assert.equal(run.status, 0, `${name}: ${run.stderr}${run.stdout}`);
  return JSON.parse(run.stdout);
};
const email = 'grace@example.com';
const password = 'a long enough pass phrase 1906';

test('sign up with a code, in one launch', () => {
  const states = launch('sign-up', { email, password });
  assert.deepEqual(states.map((state) => state.verdict).slice(-1), ['active']);
  states.forEach((state, i) => assert.equal(state.sequence, states[0].sequence + i, 'a state is missing'));
});

test('the next launch restores, while the event loop stays free', () => {
  const { restored, token, waited } = launch('restore');
  assert.equal(restored.signed_in, true);
  assert.equal(restored.user.identifier ?? email, email);
  const [header, claims] = token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
  assert.equal(header.alg, 'RS256');
  assert.equal(claims.iss, server.tls_url);
  assert.equal(claims.sid, restored.session_id);
  assert.ok(waited < 9_000, `the event loop stood still for ${waited} ms`);
});

test('a launch without the server is signed in all the same', () => {
  const restored = launch('restore-offline');
  assert.equal(restored.verdict, 'active-unverified');
});

test('sign out, and stay out', () => {
  const { watched, after } = launch('sign-out');
  assert.deepEqual(watched, { verdict: 'signed-out', cause: 'user' });
  assert.equal(after.kind, 'signed-out');
  assert.equal(launch('look').verdict, 'signed-out');
});

test('mistakes are answers', () => {
  assert.deepEqual(launch('mistakes'), ['usage', 'not-configured', 'usage', 'usage', 'closed']);
});

test('a native module that never ran takes the script\'s token, and keeps it', () => {
  const first = launch('module-first', { email, password });
  assert.equal(first.session.sessionId, first.signedIn.sessionId);
  assert.equal(first.session.session.userId, first.session.user.id);
  assert.ok(['undetermined', 'active', 'active-unverified'].includes(first.state.verdict), first.state.verdict);

  const next = launch('module-restores');
  assert.equal(next.early, 'E_NOT_INITIALIZED');
  assert.equal(next.state.verdict, 'active-unverified');
  assert.equal(next.session.sessionId, first.session.sessionId);
  assert.deepEqual(next.signedIn, { type: 'signedIn', sessionId: first.session.sessionId });
  assert.deepEqual(next.change.changed, { client: true, deviceToken: true });
  assert.equal(next.change.deviceToken, next.token);
  assert.deepEqual(next.flow, { isLoaded: true, isAuthFlowComplete: true });
});

test('a script that errs ends nothing, a person does', () => {
  const { kinds, kept, after } = launch('module-ends');
  assert.deepEqual(kinds, ['E_NOT_INITIALIZED', 'E_CONFIGURE_FAILED', 'E_NOT_SUPPORTED']);
  assert.ok(kept.sessionId);
  assert.equal(after, null);
  assert.equal(launch('look').verdict, 'signed-out');
});
