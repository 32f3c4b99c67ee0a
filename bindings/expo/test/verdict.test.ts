import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSignedIn, loadBound, readAgain, tokenPatience, VerdictStore, type Clock } from '../src/verdict.js';
import { coreState, FakeNative } from './fakes.js';

const key = 'pk_test_ZXhhbXBsZS5jb20k';

/** A clock that the test turns. */
class FakeClock implements Clock {
  private timers: { ms: number; run: () => void }[] = [];
  after(ms: number, run: () => void): () => void {
    const timer = { ms, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }
  pass(ms: number): void {
    const due = this.timers.filter((timer) => timer.ms <= ms);
    this.timers = this.timers.filter((timer) => timer.ms > ms);
    for (const timer of due) timer.run();
  }
  get running(): number {
    return this.timers.length;
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function made(native: FakeNative | null, scriptToken: () => Promise<string | null> = () => Promise.resolve(null)) {
  const clock = new FakeClock();
  const store = new VerdictStore(key, native, scriptToken, clock);
  const seen: string[] = [];
  store.subscribe(() => seen.push(store.getSnapshot().verdict));
  return { clock, store, seen };
}

test('the first verdict comes from configure, without the script', async () => {
  const native = new FakeNative();
  native.state = coreState('active-unverified', { session_id: 'sess_1', user: { id: 'user_1' } });
  const { store, clock } = made(native);
  assert.deepEqual(store.getSnapshot(), { verdict: 'undetermined', cause: 'starting', isLoaded: false, confirmed: false });
  store.open();
  await turn();
  const verdict = store.getSnapshot();
  assert.equal(verdict.verdict, 'active-unverified');
  assert.equal(verdict.isLoaded, true);
  assert.equal(verdict.sessionId, 'sess_1');
  assert.deepEqual(verdict.user, { id: 'user_1' });
  assert.equal(clock.running, 1, 'only the bound is left, and says nothing any more');
  assert.deepEqual(native.calls, [`configure ${key} null`]);
});

test('an app that comes from the published package is never told that nobody is signed in', async () => {
  // The native side is new, and the script has a token of its own.
  const native = new FakeNative();
  native.state = coreState('undetermined', { cause: 'unidentified' });
  const { store, seen } = made(native, () => Promise.resolve('script'));
  store.open();
  await turn();
  assert.deepEqual(native.calls, [`configure ${key} script`]);
  native.say(key, coreState('active', { sequence: 2 }));
  assert.deepEqual(seen, ['undetermined', 'active']);
});

test('an empty native side proves nothing while the script cannot read its own token', async () => {
  for (const late of [null, 'script']) {
    let answer: (token: string | null) => void = () => {};
    const native = new FakeNative();
    native.state = coreState('signed-out', { cause: 'none' });
    const { store, clock, seen } = made(native, () => new Promise((resolve) => (answer = resolve)));
    store.open();
    clock.pass(tokenPatience);
    await turn();
    assert.equal(store.getSnapshot().verdict, 'undetermined');
    assert.equal(store.getSnapshot().cause, 'script-token-unknown');
    clock.pass(loadBound);
    assert.equal(store.getSnapshot().isLoaded, true);
    assert.deepEqual(new Set(seen), new Set(['undetermined']));
    native.state = late ? coreState('undetermined', { sequence: 2, cause: 'unidentified' }) : native.state;
    native.configureWith = late ? () => Promise.resolve({ state: native.state }) : null;
    answer(late);
    await turn();
    assert.deepEqual(native.calls.slice(0, 1), [`configure ${key} null`]);
    assert.equal(native.calls.at(-1), `configure ${key} ${late}`);
    assert.equal(store.getSnapshot().verdict, late ? 'undetermined' : 'signed-out');
  }
});

test('a script whose store stays locked does not hide a native session, nor a proven end', async () => {
  for (const [state, want] of [
    [coreState('active-unverified'), 'active-unverified'],
    [coreState('signed-out', { cause: 'user' }), 'signed-out'],
    [coreState('signed-out', { cause: 'none' }), 'undetermined'],
  ] as const) {
    const native = new FakeNative();
    native.state = state;
    let locked = true;
    const { store, clock } = made(native, () => (locked ? Promise.reject(new Error('locked')) : Promise.resolve(null)));
    store.open();
    await turn();
    assert.equal(store.getSnapshot().verdict, want);
    locked = false;
    clock.pass(readAgain);
    await turn();
    assert.equal(store.getSnapshot().verdict, state.verdict, 'once it is readable');
  }
});

test('later verdicts come in order; older ones and those of other keys are dropped', async () => {
  const native = new FakeNative();
  const { store, seen } = made(native);
  native.configureWith = () => new Promise(() => {});
  store.open();
  native.say(key, coreState('undetermined', { sequence: 0, settled: false }));
  assert.equal(store.getSnapshot().isLoaded, false);
  native.say(key, coreState('active-unverified', { sequence: 2 }));
  native.say(key, coreState('signed-out', { sequence: 1 }));
  native.say('pk_live_ZXhhbXBsZS5jb20k', coreState('signed-out', { sequence: 9 }));
  native.say(key, coreState('active', { sequence: 3 }));
  assert.deepEqual(seen, ['undetermined', 'active-unverified', 'active']);
});

test('is loaded within the bound although the native side never answers', () => {
  const native = new FakeNative();
  native.configureWith = () => new Promise(() => {});
  const { store, clock } = made(native);
  store.open();
  clock.pass(loadBound - 1);
  assert.equal(store.getSnapshot().isLoaded, false);
  clock.pass(loadBound);
  assert.deepEqual(store.getSnapshot(), { verdict: 'undetermined', cause: 'native-silent', isLoaded: true, confirmed: false });
  native.say(key, coreState('active'));
  assert.equal(store.getSnapshot().verdict, 'active', 'a late answer still counts');
});

test('a configuration that cannot work is unknown, not signed out', async () => {
  const native = new FakeNative();
  native.configureWith = () => Promise.reject(Object.assign(new Error('no'), { code: 'E_CONFIGURE_FAILED' }));
  const { store } = made(native);
  store.open();
  await turn();
  assert.deepEqual(store.getSnapshot(), { verdict: 'undetermined', cause: 'E_CONFIGURE_FAILED', isLoaded: true, confirmed: false });
});

test('without a native side it says so', () => {
  const { store } = made(null);
  store.open();
  assert.deepEqual(store.getSnapshot(), { verdict: 'undetermined', cause: 'no-native-module', isLoaded: true, confirmed: false });
});

test('what was loaded stays loaded when the instance is opened again', () => {
  const native = new FakeNative();
  native.configureWith = () => new Promise(() => {});
  const { store } = made(native);
  store.open();
  native.say(key, coreState('active', { sequence: 7 }));
  store.open();
  assert.equal(native.listening, 1);
  native.say(key, coreState('undetermined', { sequence: 0, settled: false }));
  assert.equal(store.getSnapshot().isLoaded, true);
  native.say(key, coreState('active-unverified', { sequence: 1 }));
  assert.equal(store.getSnapshot().verdict, 'active-unverified');
});

test('a listener that throws affects no other', async () => {
  const native = new FakeNative();
  const { store } = made(native);
  const uncaught: unknown[] = [];
  const keep = (error: unknown): void => void uncaught.push(error);
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', keep);
  try {
    let heard = 0;
    store.subscribe(() => {
      throw new Error('app bug');
    });
    store.subscribe(() => heard++);
    store.open();
    native.say(key, coreState('active'));
    assert.equal(heard, 1);
    await turn();
    assert.equal(uncaught.length, 1);
  } finally {
    process.off('uncaughtException', keep);
    for (const other of others) process.on('uncaughtException', other);
  }
});

test('the five verdicts, and what a script calls signed in', () => {
  const of = (verdict: 'active' | 'active-unverified' | 'pending' | 'signed-out' | 'undetermined', treat?: boolean) =>
    isSignedIn({ verdict, cause: '', isLoaded: true, confirmed: false }, treat);
  assert.deepEqual(
    [of('active'), of('active-unverified'), of('pending'), of('pending', false), of('signed-out'), of('undetermined')],
    [true, true, false, true, false, undefined],
  );
});
