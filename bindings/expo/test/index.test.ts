/** The package as an app imports it, with the two Expo packages it needs replaced. */
import assert from 'node:assert/strict';
import Module from 'node:module';
import { test } from 'node:test';

import type * as Package from '../src/index.js';
import { FakeNative, FakeStore } from './fakes.js';

type Load = (request: string, ...rest: unknown[]) => unknown;
const loader = Module as unknown as { _load: Load };

/** Imports the package over what expo-modules-core finds under the module's name. */
function load(found: unknown, store: FakeStore): typeof Package {
  const original = loader._load;
  const asked: string[] = [];
  loader._load = function (request, ...rest) {
    switch (request) {
      case 'expo-modules-core':
        return { requireOptionalNativeModule: (name: string) => (asked.push(name), found) };
      case 'expo-secure-store':
        return {
          AFTER_FIRST_UNLOCK: 'after-first-unlock',
          getItemAsync: (key: string, options: unknown) => {
            assert.deepEqual(options, { keychainAccessible: 'after-first-unlock' });
            return store.getItemAsync(key);
          },
          setItemAsync: (key: string, value: string, options: unknown) => {
            assert.deepEqual(options, { keychainAccessible: 'after-first-unlock' });
            return store.setItemAsync(key, value);
          },
        };
      default:
        return original.call(this, request, ...rest);
    }
  };
  try {
    const path = require.resolve('../src/index.js');
    delete require.cache[path];
    const loaded = require(path) as typeof Package;
    assert.deepEqual(asked, ['ClerkExpo']);
    return loaded;
  } finally {
    loader._load = original;
  }
}

const key = 'pk_test_ZXhhbXBsZS5jb20k';

test('the exports work over the native module', async () => {
  const native = new FakeNative();
  native.token = 'native';
  const app = load(native, new FakeStore());
  const props = app.perennial(key);
  assert.equal(props.publishableKey, key);
  assert.equal(props.tokenCache, app.tokenCache(key));
  assert.equal(props.__experimental_resourceCache, app.resourceCache(key));
  assert.equal(await props.tokenCache.getToken('__clerk_client_jwt'), 'native');
  await app.endSession();
  assert.ok(native.calls.includes('endSession'));
  const lines: string[] = [];
  const stop = app.trace((line) => lines.push(line));
  native.sayTrace({ afterMs: 0, text: 'mount' });
  stop();
  assert.equal(lines.length, 1);
});

test('the exports work without a native module, and beside a foreign one', async () => {
  const foreign = { configure: () => Promise.reject(new Error('not ours')), getSession: () => Promise.resolve(null) };
  for (const found of [null, foreign]) {
    const store = new FakeStore();
    const app = load(found, store);
    await app.perennial(key).tokenCache.saveToken('__clerk_client_jwt', 'one');
    assert.equal(await app.tokenCache(key).getToken('__clerk_client_jwt'), 'one');
    await app.endSession();
    await app.refresh();
    app.trace(() => assert.fail())();
  }
});
