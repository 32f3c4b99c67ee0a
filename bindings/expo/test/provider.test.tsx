import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import type { ReactNode } from 'react';
import { act, create, type ReactTestRenderer } from 'react-test-renderer';

import type { ClerkProvider } from '@clerk/expo';

import { createInstances } from '../src/instance.js';
import { createProvider, remountPauses, signInRemounts, type PerennialClerkProviderProps, type Published } from '../src/provider.js';
import { coreState, FakeNative, FakeStore } from './fakes.js';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

const key = 'pk_test_ZXhhbXBsZS5jb20k';
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

// Everything that this package passes on is a prop of the published provider.
export const passes = (props: Omit<Parameters<typeof ClerkProvider>[0], 'publishableKey'>): Partial<PerennialClerkProviderProps> => ({ ...props });

/** A published package whose script loads when it is told to. */
function published() {
  const seen = { mounts: 0, loaded: false, signedIn: true, props: [] as object[] };
  const made: Published = {
    ClerkProvider: function Provider({ children, ...props }: { children?: ReactNode }) {
      seen.props.push(props);
      return children;
    },
    useAuth: () => ({ isLoaded: seen.loaded, isSignedIn: seen.loaded && seen.signedIn }),
  };
  return { seen, made };
}

/** An app that is mounted under a clock of its own, with a script that begins like this. */
async function mounted(script: { loaded: boolean; signedIn: boolean }, verdict: 'active' | 'active-unverified', props: object = {}) {
  const native = new FakeNative();
  native.state = coreState(verdict);
  const { seen, made } = published();
  Object.assign(seen, script);
  const Provider = createProvider(made, createInstances({ store: new FakeStore(), native }));
  const app = { native, seen, mounts: 0, pass: (ms: number) => act(async () => mock.timers.tick(ms)), show: async (_key: string) => {} };
  function Child(): null {
    useMounts(() => app.mounts++);
    return null;
  }
  const element = (of: string) => <Provider publishableKey={of} {...props}><Child /></Provider>;
  let root: ReactTestRenderer | undefined;
  app.show = (of) => act(async () => {
    if (root) root.update(element(of));
    else root = create(element(of));
    await turn();
  });
  await app.show(key);
  return app;
}

async function underMockedTimers(run: () => Promise<void>): Promise<void> {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    await run();
  } finally {
    mock.timers.reset();
  }
}

const confirm = (native: FakeNative, of: string, sequence: number): Promise<void> =>
  act(async () => native.say(of, coreState('active', { sequence })));

test('a script that stays unloaded is mounted anew once the server has confirmed the session', () =>
  underMockedTimers(async () => {
    const app = await mounted({ loaded: false, signedIn: true }, 'active-unverified', { signInUrl: '/in' });
    await app.pass(60_000);
    assert.equal(app.mounts, 1, 'not before it is confirmed');
    await confirm(app.native, key, 2);
    await app.pass(remountPauses[0]);
    assert.equal(app.mounts, 2);
    await app.pass(remountPauses[1] - 1);
    assert.equal(app.mounts, 2);
    app.seen.loaded = true;
    await app.pass(1);
    assert.equal(app.mounts, 3);
    await app.pass(600_000);
    assert.equal(app.mounts, 3, 'a script that is loaded is left alone');
    assert.deepEqual(Object.keys(app.seen.props[0] ?? {}).sort(), ['__experimental_resourceCache', 'publishableKey', 'signInUrl', 'tokenCache']);
  }));

test('a script that finds nobody is mounted anew while the server has confirmed the session', () =>
  underMockedTimers(async () => {
    const app = await mounted({ loaded: true, signedIn: false }, 'active-unverified');
    await app.pass(60_000);
    assert.equal(app.mounts, 1, 'not before it is confirmed');
    await confirm(app.native, key, 2);
    await app.pass(remountPauses[0] - 1);
    assert.equal(app.mounts, 1);
    await app.pass(1);
    assert.equal(app.mounts, 2);
    app.seen.signedIn = true;
    await app.pass(remountPauses[1]);
    assert.equal(app.mounts, 3);
    app.seen.signedIn = false;
    await confirm(app.native, key, 3);
    await app.pass(600_000);
    assert.equal(app.mounts, 3, 'a script that has found the session knows of sign-outs first');
  }));

test('a script of another key that finds nobody is mounted anew too', () =>
  underMockedTimers(async () => {
    const other = 'pk_test_b3RoZXIuZXhhbXBsZSQ';
    const app = await mounted({ loaded: true, signedIn: true }, 'active');
    await app.pass(60_000);
    assert.equal(app.mounts, 1);
    app.seen.signedIn = false;
    await app.show(other);
    await confirm(app.native, other, 2);
    await app.pass(remountPauses[0]);
    assert.equal(app.mounts, 3, 'mounted for the key, and once more');
  }));

test('a sign-in screen that stays is left alone in the end', () =>
  underMockedTimers(async () => {
    const app = await mounted({ loaded: true, signedIn: false }, 'active');
    for (const pause of [...remountPauses, ...remountPauses]) await app.pass(pause);
    assert.equal(app.mounts, 1 + signInRemounts);
  }));

import { useEffect } from 'react';

function useMounts(count: () => void): void {
  useEffect(() => {
    count();
    // Once for each mount.
  }, []);
}
