import assert from 'node:assert/strict';
import { test } from 'node:test';

import { act, create } from 'react-test-renderer';

import { createInstances } from '../src/instance.js';
import { useVerdict, type UsePerennialVerdict, type UsePerennialVerdictOptions } from '../src/use-verdict.js';
import { coreState, FakeNative, FakeStore } from './fakes.js';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

const key = 'pk_test_ZXhhbXBsZS5jb20k';
const other = 'pk_live_ZXhhbXBsZS5jb20k';

/** Until what the fakes answer at once has been taken in. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

function probe(instances: ReturnType<typeof createInstances>, seen: UsePerennialVerdict[], options?: UsePerennialVerdictOptions) {
  return function Probe({ publishableKey = key }: { publishableKey?: string }) {
    seen.push(useVerdict(instances(publishableKey).verdicts, options));
    return null;
  };
}

test('the hook follows the core', async () => {
  const native = new FakeNative();
  native.state = coreState('active-unverified', { session_id: 'sess_1' });
  const seen: UsePerennialVerdict[] = [];
  const Probe = probe(createInstances({ store: new FakeStore(), native }), seen);
  await act(async () => {
    create(<Probe />);
    await settle();
  });
  assert.equal(seen[0]?.isSignedIn, undefined, 'nobody knows in the first render');
  assert.deepEqual([seen.at(-1)?.verdict, seen.at(-1)?.isSignedIn, seen.at(-1)?.sessionId], ['active-unverified', true, 'sess_1']);
  await act(async () => native.say(key, coreState('signed-out', { sequence: 2, cause: 'revoked' })));
  assert.deepEqual([seen.at(-1)?.verdict, seen.at(-1)?.cause, seen.at(-1)?.isSignedIn], ['signed-out', 'revoked', false]);
  assert.ok(seen.slice(1, -1).every((v) => v.verdict !== 'signed-out'), 'never signed out before it was proven');
});

test('treatPendingAsSignedOut: false is respected', async () => {
  const native = new FakeNative();
  native.state = coreState('pending', { task: 'setup-mfa', session_id: 'sess_1' });
  for (const [options, want] of [[undefined, false], [{ treatPendingAsSignedOut: false }, true]] as const) {
    const seen: UsePerennialVerdict[] = [];
    const Probe = probe(createInstances({ store: new FakeStore(), native }), seen, options);
    await act(async () => {
      create(<Probe />);
      await settle();
    });
    assert.deepEqual([seen.at(-1)?.verdict, seen.at(-1)?.task, seen.at(-1)?.isSignedIn], ['pending', 'setup-mfa', want]);
  }
});

test('the props are the same objects in every render, and the key decides who is in use', async () => {
  const native = new FakeNative();
  const instances = createInstances({ store: new FakeStore(), native });
  const first = instances(key).clerkProps;
  await settle();
  assert.equal(instances(key).clerkProps, first);
  instances(other);
  await settle();
  assert.notEqual(instances(other).clerkProps.tokenCache, first.tokenCache);
  assert.equal(instances(key).clerkProps, first);
  await settle();
  assert.deepEqual(native.calls, [key, other, key].map((k) => `configure ${k} null`));
});
