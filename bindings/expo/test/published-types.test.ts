/**
 * The types of this package against the published ones of both generations: what
 * does not fit does not compile. The paths are outside what the published
 * package exports, because its native interface is not exported.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ClerkProvider } from '@clerk/expo';
import type { tokenCache as publishedTokenCache } from '@clerk/expo/token-cache';
import type { Spec as Spec4 } from '../node_modules/@clerk/expo/dist/specs/NativeClerkModule';
import type { TokenCache as TokenCache3 } from '../node_modules/clerk-expo-3/dist/cache/types';
import type { ClerkProvider as ClerkProvider3 } from 'clerk-expo-3';
import type { Spec as Spec3 } from '../node_modules/clerk-expo-3/dist/specs/NativeClerkModule';

import { createInstances } from '../src/instance.js';
import type { PerennialNativeModule } from '../src/native-module.js';
import { FakeStore } from './fakes.js';

type Props = Parameters<typeof ClerkProvider>[0];
type Props3 = Parameters<typeof ClerkProvider3>[0];

/** The script ignores what a method of type void resolves with. */
type Ignored<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => Promise<void> ? (...args: A) => Promise<unknown> : T[K];
};

/** Compiles only if every member is assignable to the published one. */
type Fits<Ours extends Published, Published> = Ours;

export type NativeFits4 = Fits<
  PerennialNativeModule,
  Ignored<Pick<Spec4, 'configure' | 'getClientToken' | 'getAuthFlowState' | 'syncClientStateFromJs'>>
>;
export type NativeFits3 = Fits<PerennialNativeModule, Ignored<Pick<Spec3, 'configure' | 'getClientToken'>>>;

test('the props fit the published ClerkProvider of both generations', () => {
  const { clerkProps } = createInstances({ store: new FakeStore(), native: null })('pk_test_ZXhhbXBsZS5jb20k');
  const props: Pick<Props, 'publishableKey' | 'tokenCache' | '__experimental_resourceCache'> = clerkProps;
  const props3: Pick<Props3, 'publishableKey' | 'tokenCache' | '__experimental_resourceCache'> = clerkProps;
  const cache: NonNullable<typeof publishedTokenCache> = clerkProps.tokenCache;
  const cache3: TokenCache3 = clerkProps.tokenCache;
  assert.ok(props && props3 && cache && cache3);
  assert.equal(cache.clearToken, undefined);
});
