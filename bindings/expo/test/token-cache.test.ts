import assert from 'node:assert/strict';
import { test } from 'node:test';

import { clientTokenKey, createTokenCache, TokenUnreadableError } from '../src/token-cache.js';
import { FakeNative, FakeStore, type Fault } from './fakes.js';

const key = 'pk_test_ZXhhbXBsZS5jb20k';
const other = 'pk_live_ZXhhbXBsZS5jb20k'; // ends in the same characters

function made(publishableKey = key, native: FakeNative | null = null, store = new FakeStore()) {
  const slept: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    slept.push(ms);
    return Promise.resolve();
  };
  return { store, native, slept, cache: createTokenCache({ publishableKey, store, native, sleep }) };
}

/** The next launch over the same store. */
const again = (store: FakeStore, native: FakeNative | null = null, publishableKey = key) => made(publishableKey, native, store).cache;

test('keeps a token across launches', async () => {
  const { cache, store } = made();
  assert.equal(await cache.getToken(clientTokenKey), null);
  await cache.saveToken(clientTokenKey, 'one');
  assert.equal(await cache.getToken(clientTokenKey), 'one');
  assert.equal(await again(store).getToken(clientTokenKey), 'one');
});

test('offers no way to delete', () => {
  assert.deepEqual(Object.keys(made().cache).sort(), ['getToken', 'saveToken']);
});

test('a read that throws costs nothing, with and without a native side', async () => {
  for (const times of [1, 2, 5]) {
    const { cache, store } = made();
    await cache.saveToken(clientTokenKey, 'one');
    const before = new Map(store.items);
    store.readFaults = Array<Fault>(times).fill('throws');
    assert.equal(await again(store).getToken(clientTokenKey), 'one');
    assert.deepEqual(store.items, before);
  }
  const native = new FakeNative();
  native.token = 'native';
  const { cache, store, slept } = made(key, native);
  store.readFaults = ['throws'];
  assert.equal(await cache.getToken(clientTokenKey), 'native');
  assert.deepEqual(slept, [], 'the copy of the native side is there at once');
});

test('a store that stays locked is an error, never "no token"', async () => {
  const { cache, store } = made();
  await cache.saveToken(clientTokenKey, 'one');
  store.readFaults = Array<Fault>(100).fill('throws');
  const locked = made(key, null, store);
  await assert.rejects(locked.cache.getToken(clientTokenKey), (error: unknown) => {
    assert.ok(error instanceof TokenUnreadableError);
    assert.equal(error.code, 'E_TOKEN_UNREADABLE');
    return true;
  });
  const waited = locked.slept.reduce((sum, ms) => sum + ms, 0);
  assert.ok(waited > 3000 && waited < 10_000, `waited ${waited} ms`);
  store.readFaults = [];
  assert.equal(await again(store).getToken(clientTokenKey), 'one');
});

test('a store that is empty for a moment is asked again', async () => {
  const { cache, store } = made();
  await cache.saveToken(clientTokenKey, 'one');
  store.readFaults = ['empty'];
  assert.equal(await again(store).getToken(clientTokenKey), 'one');
});

test('a token that somebody else removed is gone after a few reads', async () => {
  const { cache, store } = made();
  await cache.saveToken(clientTokenKey, 'one');
  for (const item of store.items.keys()) if (!item.endsWith('.present')) store.items.delete(item);
  const next = made(key, null, store);
  assert.equal(await next.cache.getToken(clientTokenKey), null);
  assert.ok(next.slept.length <= 3, `asked ${next.slept.length} times more`);
});

test('a script that lost its token gets the native one back, and keeps it', async () => {
  const native = new FakeNative();
  native.token = 'native';
  const { cache, store } = made(key, native);
  assert.equal(await cache.getToken(clientTokenKey), 'native');
  assert.deepEqual(native.calls, [`configure ${key} null`, 'getClientToken']);
  assert.equal(await again(store).getToken(clientTokenKey), 'native');
});

test('an instance that is not in use does not ask the native side', async () => {
  const native = new FakeNative();
  native.token = "another instance's";
  const cache = createTokenCache({ publishableKey: key, store: new FakeStore(), native, isActive: () => false });
  assert.equal(await cache.getToken(clientTokenKey), null);
  assert.deepEqual(native.calls, []);
});

test('a write that fails is known here, is kept by the native side, and is repeated', async () => {
  const native = new FakeNative();
  const { cache, store } = made(key, native);
  await cache.saveToken(clientTokenKey, 'one');
  store.writeFaults = 1;
  await cache.saveToken(clientTokenKey, 'two');
  assert.ok(native.calls.includes('sync two'));
  assert.equal(await cache.getToken(clientTokenKey), 'two');
  await cache.saveToken('unrelated', 'x'); // after the repeated write, which is in the same queue
  assert.equal(await again(store).getToken(clientTokenKey), 'two');
});

test('the last of many writes wins', async () => {
  const { cache, store } = made();
  await Promise.all(['a', 'b', 'c', 'd'].map((token) => cache.saveToken(clientTokenKey, token)));
  assert.equal(await again(store).getToken(clientTokenKey), 'd');
});

test('an empty token is not stored', async () => {
  const { cache, store } = made();
  await cache.saveToken(clientTokenKey, 'one');
  await cache.saveToken(clientTokenKey, '');
  assert.equal(await again(store).getToken(clientTokenKey), 'one');
});

test('instances do not see each other, and switching loses nothing', async () => {
  const { cache, store } = made();
  await cache.saveToken(clientTokenKey, 'one');
  assert.equal(await again(store, null, other).getToken(clientTokenKey), null);
  await again(store, null, other).saveToken(clientTokenKey, 'two');
  assert.equal(await again(store).getToken(clientTokenKey), 'one');
  assert.equal(await again(store, null, other).getToken(clientTokenKey), 'two');
});

test('the token of the published cache is taken over once, by one instance', async () => {
  const store = new FakeStore();
  store.items.set(clientTokenKey, 'published');
  assert.equal(await again(store).getToken(clientTokenKey), 'published');
  assert.equal(await again(store, null, other).getToken(clientTokenKey), null);
  assert.equal(store.items.get(clientTokenKey), 'published', 'it is left where it was');
  await again(store).saveToken(clientTokenKey, 'newer');
  assert.equal(await again(store).getToken(clientTokenKey), 'newer');
});
