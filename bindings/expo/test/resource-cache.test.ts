import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createResourceCache } from '../src/resource-cache.js';
import { FakeStore } from './fakes.js';

const key = 'pk_test_ZXhhbXBsZS5jb20k';
const clientKey = '__clerk_cache_client_20uY2';
const environmentKey = '__clerk_cache_environment_20uY2';
const client = (id: string, sessions: number) => JSON.stringify({ object: 'client', id, sessions: Array(sessions).fill({ id: 'sess' }) });

function made(store = new FakeStore(), hasSession = () => true, publishableKey = key) {
  return { store, storage: createResourceCache({ publishableKey, store, hasSession })() };
}

test('keeps values of any length, in two slots', async () => {
  const { store, storage } = made();
  for (const length of [0, 1, 999, 1000, 1001, 25_000]) {
    const value = 'ż'.repeat(length);
    await storage.set(environmentKey, value);
    assert.equal(await made(store).storage.get(environmentKey), value);
  }
});

test('a write that fails half-way leaves the value before', async () => {
  for (let at = 1; at <= 4; at++) {
    const { store, storage } = made();
    await storage.set(environmentKey, 'a'.repeat(2500));
    let writes = 0;
    const set = store.setItemAsync.bind(store);
    store.setItemAsync = (name, value) => (++writes >= at ? Promise.reject(new Error('disk full')) : set(name, value));
    await storage.set(environmentKey, 'b'.repeat(2500));
    assert.equal(await made(store).storage.get(environmentKey), 'a'.repeat(2500), `failing from write ${at} on`);
  }
});

test('a read that fails answers nothing and deletes nothing', async () => {
  const { store, storage } = made();
  await storage.set(environmentKey, 'value');
  const before = new Map(store.items);
  store.readFaults = ['throws'];
  assert.equal(await storage.get(environmentKey), null);
  assert.deepEqual(store.items, before);
  assert.equal(await storage.get(environmentKey), 'value');
});

test('placeholders never replace what is there', async () => {
  const { storage } = made();
  await storage.set(clientKey, client('client_1', 1));
  await storage.set(clientKey, client('client_DUMMY_ID', 0));
  assert.equal(await storage.get(clientKey), client('client_1', 1));
});

test('a client without sessions replaces one only as far as the core agrees', async () => {
  let session = true;
  const { storage } = made(new FakeStore(), () => session);
  await storage.set(clientKey, client('client_1', 1));
  await storage.set(clientKey, client('client_2', 0));
  assert.equal(await storage.get(clientKey), client('client_1', 1), 'a foreign one, while the core shows a session');
  await storage.set(clientKey, client('client_1', 0));
  assert.equal(await storage.get(clientKey), client('client_1', 0), 'the same one: it has signed out');
  await storage.set(clientKey, client('client_1', 1));
  session = false;
  await storage.set(clientKey, client('client_2', 0));
  assert.equal(await storage.get(clientKey), client('client_2', 0), 'the core knows of no session');
});

test('instances do not see each other although the published names are alike', async () => {
  const { store, storage } = made();
  await storage.set(clientKey, client('client_1', 1));
  assert.equal(await made(store, () => true, 'pk_live_ZXhhbXBsZS5jb20k').storage.get(clientKey), null);
});
