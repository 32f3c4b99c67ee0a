/**
 * Perennial for Expo. Keep `@clerk/expo`; spread `perennial(publishableKey)`
 * into its ClerkProvider, and ask `usePerennialVerdict` what to show first.
 */
import { requireOptionalNativeModule } from 'expo-modules-core';
import * as SecureStore from 'expo-secure-store';

import { createInstances, type Instance } from './instance.js';
import { asPerennial, nativeModuleName } from './native-module.js';
import { printTrace } from './trace.js';
import { useVerdict, type UsePerennialVerdict, type UsePerennialVerdictOptions } from './use-verdict.js';

export type { VerdictKind } from './native-module.js';
export type { ResourceStorage } from './resource-cache.js';
export { TokenUnreadableError, type TokenCache } from './token-cache.js';
export type { UsePerennialVerdict, UsePerennialVerdictOptions } from './use-verdict.js';
export { isSignedIn, type Verdict } from './verdict.js';

const native = asPerennial(requireOptionalNativeModule<unknown>(nativeModuleName));

const secureOptions = { keychainAccessible: SecureStore.AFTER_FIRST_UNLOCK };

/** For clerk-provider.ts. */
export const instance = createInstances({
  store: {
    getItemAsync: (key) => SecureStore.getItemAsync(key, secureOptions),
    setItemAsync: (key, value) => SecureStore.setItemAsync(key, value, secureOptions),
  },
  native,
  global: globalThis,
});

/** The props of the published ClerkProvider, the same objects in every render. */
export function perennial(publishableKey: string): Instance['clerkProps'] {
  return instance(publishableKey).clerkProps;
}

/** The token cache alone. */
export function tokenCache(publishableKey: string): Instance['clerkProps']['tokenCache'] {
  return instance(publishableKey).clerkProps.tokenCache;
}

/** The resource cache alone, for `__experimental_resourceCache`. */
export function resourceCache(publishableKey: string): Instance['clerkProps']['__experimental_resourceCache'] {
  return instance(publishableKey).clerkProps.__experimental_resourceCache;
}

/** What is known about the session, from the first render on. */
export function usePerennialVerdict(publishableKey: string, options?: UsePerennialVerdictOptions): UsePerennialVerdict {
  return useVerdict(instance(publishableKey).verdicts, options);
}

/** Signs out because a person asked for it: here at once, on the server when it can be reached. */
export async function endSession(): Promise<void> {
  await native?.endSession();
}

/** Says that trying now may be worthwhile. Nothing waits for it. */
export async function refresh(): Promise<void> {
  await native?.refreshClient();
}

/** Prints the launch trace; see docs/cold-start.md. Returns how to stop. */
export function trace(print: (line: string) => void = console.log): () => void {
  return printTrace(native, print);
}
