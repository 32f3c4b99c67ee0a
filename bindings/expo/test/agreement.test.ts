import assert from 'node:assert/strict';
import { test } from 'node:test';

import { agreementLimits } from '../src/agreement.js';
import { clientTokenKey, createTokenCache } from '../src/token-cache.js';
import { coreState, FakeNative, FakeStore } from './fakes.js';

const key = 'pk_test_ZXhhbXBsZS5jb20k';

/** A script that has a token, over a native side with a session under `held`. */
async function made(held: string | null, sleep: (ms: number) => Promise<void> = () => new Promise(() => {})) {
  const store = new FakeStore();
  await createTokenCache({ publishableKey: key, store, native: null }).saveToken(clientTokenKey, 'own');
  const native = new FakeNative();
  native.state = coreState('active-unverified', { session_id: 'sess_1' });
  native.token = held;
  return { store, native, cache: createTokenCache({ publishableKey: key, store, native, sleep }) };
}

test('the script begins with the token that the server knows', async () => {
  const { cache, store, native } = await made('native');
  assert.equal(await cache.getToken(clientTokenKey), 'native');
  assert.ok(native.calls.includes(`configure ${key} own`), 'its own token is handed over');
  assert.ok(native.calls.includes('sync own'), 'and the server has said whose it is');
  const next = createTokenCache({ publishableKey: key, store, native: null });
  assert.equal(await next.getToken(clientTokenKey), 'native', 'the next launch begins with it too');
});

test('requests at the same time are told the same, and the native side is asked once', async () => {
  const { cache, native } = await made('native');
  const tokens = await Promise.all([cache.getToken(clientTokenKey), cache.getToken(clientTokenKey)]);
  assert.deepEqual(tokens, ['native', 'native']);
  assert.equal(native.calls.filter((call) => call === 'sync own').length, 1);
});

test('what the server hands out later is not asked about', async () => {
  const { cache, native } = await made('native');
  await cache.getToken(clientTokenKey);
  await cache.saveToken(clientTokenKey, 'successor');
  assert.equal(await cache.getToken(clientTokenKey), 'successor');
  assert.ok(!native.calls.includes('sync successor'));
});

test('a native side without a session has nothing to say', async () => {
  const { cache, native } = await made('native');
  native.state = coreState('undetermined');
  assert.equal(await cache.getToken(clientTokenKey), 'own');
  assert.ok(!native.calls.includes('sync own'));
});

test('the own token holds while nobody can say more', async () => {
  const slept: number[] = [];
  const sleep = async (ms: number): Promise<void> => void slept.push(ms);
  const silent = await made('native', sleep);
  silent.native.configureWith = () => new Promise(() => {});
  assert.equal(await silent.cache.getToken(clientTokenKey), 'own');
  assert.deepEqual(slept, [agreementLimits.native]);

  const offline = await made('native', (ms) => (ms === agreementLimits.server ? sleep(ms) : new Promise(() => {})));
  offline.native.syncClientStateFromJs = () => new Promise(() => {});
  assert.equal(await offline.cache.getToken(clientTokenKey), 'own');
  assert.deepEqual(slept, [agreementLimits.native, agreementLimits.server]);

  const failing = await made('native');
  failing.native.configureWith = () => Promise.reject(new Error('E_CONFIGURE_FAILED'));
  assert.equal(await failing.cache.getToken(clientTokenKey), 'own');

  const without = await made(null);
  assert.equal(await without.cache.getToken(clientTokenKey), 'own');
});

test('an answer after the limits holds from then on', async () => {
  const { cache, native, store } = await made('native', async () => {});
  let answered = (): void => {};
  native.syncClientStateFromJs = () => new Promise((resolve) => (answered = () => resolve(undefined as never)));
  assert.equal(await cache.getToken(clientTokenKey), 'own');
  answered();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await cache.getToken(clientTokenKey), 'native');
  const next = createTokenCache({ publishableKey: key, store, native: null });
  assert.equal(await next.getToken(clientTokenKey), 'native', 'the next launch begins with it too');
});
