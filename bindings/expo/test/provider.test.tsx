import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import type { ReactNode } from 'react';
import { act, create } from 'react-test-renderer';

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

test('a script that stays unloaded is mounted anew once the server has confirmed the session', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const native = new FakeNative();
    native.state = coreState('active-unverified');
    const { seen, made } = published();
    const Provider = createProvider(made, createInstances({ store: new FakeStore(), native }));
    let mounts = 0;
    function Child(): null {
      useMounts(() => mounts++);
      return null;
    }
    await act(async () => {
      create(<Provider publishableKey={key} signInUrl="/in"><Child /></Provider>);
      await turn();
    });
    await act(async () => mock.timers.tick(60_000));
    assert.equal(mounts, 1, 'not before it is confirmed');
    await act(async () => native.say(key, coreState('active', { sequence: 2 })));
    await act(async () => mock.timers.tick(remountPauses[0]));
    assert.equal(mounts, 2);
    await act(async () => mock.timers.tick(remountPauses[1] - 1));
    assert.equal(mounts, 2);
    seen.loaded = true;
    await act(async () => mock.timers.tick(1));
    assert.equal(mounts, 3);
    await act(async () => mock.timers.tick(600_000));
    assert.equal(mounts, 3, 'a script that is loaded is left alone');
    assert.deepEqual(Object.keys(seen.props[0] ?? {}).sort(), ['__experimental_resourceCache', 'publishableKey', 'signInUrl', 'tokenCache']);
  } finally {
    mock.timers.reset();
  }
});

test('a script that finds nobody is mounted anew while the server has confirmed the session', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const native = new FakeNative();
    native.state = coreState('active-unverified');
    const { seen, made } = published();
    Object.assign(seen, { loaded: true, signedIn: false });
    const Provider = createProvider(made, createInstances({ store: new FakeStore(), native }));
    let mounts = 0;
    function Child(): null {
      useMounts(() => mounts++);
      return null;
    }
    await act(async () => {
      create(<Provider publishableKey={key}><Child /></Provider>);
      await turn();
    });
    const pass = (ms: number) => act(async () => mock.timers.tick(ms));
    await pass(60_000);
    assert.equal(mounts, 1, 'not before it is confirmed');
    await act(async () => native.say(key, coreState('active', { sequence: 2 })));
    await pass(remountPauses[0] - 1);
    assert.equal(mounts, 1);
    await pass(1);
    assert.equal(mounts, 2);
    seen.signedIn = true;
    await pass(remountPauses[1]);
    assert.equal(mounts, 3);
    seen.signedIn = false;
    await act(async () => native.say(key, coreState('active', { sequence: 3 })));
    await pass(600_000);
    assert.equal(mounts, 3, 'a script that has found the session knows of sign-outs first');
  } finally {
    mock.timers.reset();
  }
});

test('a sign-in screen that stays is left alone in the end', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const native = new FakeNative();
    native.state = coreState('active');
    const { seen, made } = published();
    Object.assign(seen, { loaded: true, signedIn: false });
    const Provider = createProvider(made, createInstances({ store: new FakeStore(), native }));
    let mounts = 0;
    function Child(): null {
      useMounts(() => mounts++);
      return null;
    }
    await act(async () => {
      create(<Provider publishableKey={key}><Child /></Provider>);
      await turn();
    });
    for (const pause of [...remountPauses, ...remountPauses]) await act(async () => mock.timers.tick(pause));
    assert.equal(mounts, 1 + signInRemounts);
  } finally {
    mock.timers.reset();
  }
});

import { useEffect } from 'react';

function useMounts(count: () => void): void {
  useEffect(() => {
    count();
    // Once for each mount.
  }, []);
}
