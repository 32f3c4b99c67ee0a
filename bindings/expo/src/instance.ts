/** What belongs to one publishable key, made once, so that no render makes it anew. */
import { boundFetch, type Fetch } from './bounded-fetch.js';
import type { PerennialNativeModule } from './native-module.js';
import { createResourceCache, type ResourceStorage } from './resource-cache.js';
import type { SecureStore } from './secure-items.js';
import { clientTokenKey, createTokenCache, type TokenCache } from './token-cache.js';
import { isSignedIn, VerdictStore } from './verdict.js';

export interface Instance {
  readonly verdicts: VerdictStore;
  /** Spread into the published ClerkProvider. */
  readonly clerkProps: {
    readonly publishableKey: string;
    readonly tokenCache: TokenCache;
    readonly __experimental_resourceCache: () => ResourceStorage;
  };
}

export interface Surroundings {
  readonly store: SecureStore;
  readonly native: PerennialNativeModule | null;
  /** Where the script finds fetch; without it, fetch stays as it is. */
  readonly global?: { fetch: Fetch };
}

/** Returns the instance of a key, which becomes the one in use. */
export function createInstances({ store, native, global }: Surroundings): (publishableKey: string) => Instance {
  if (global) boundFetch(global);
  const made = new Map<string, Instance>();
  let active = '';
  const make = (publishableKey: string): Instance => {
    // The script's own token, and not the copy of the native side.
    const own = createTokenCache({ publishableKey, store, native: null });
    const verdicts = new VerdictStore(publishableKey, native, () => own.getToken(clientTokenKey));
    const instance: Instance = {
      verdicts,
      clerkProps: {
        publishableKey,
        tokenCache: createTokenCache({ publishableKey, store, native, isActive: () => active === publishableKey }),
        __experimental_resourceCache: createResourceCache({
          publishableKey,
          store,
          hasSession: () => isSignedIn(verdicts.getSnapshot(), false) === true,
        }),
      },
    };
    made.set(publishableKey, instance);
    return instance;
  };
  return (publishableKey) => {
    const instance = made.get(publishableKey) ?? make(publishableKey);
    if (active !== publishableKey) {
      // The native side has one instance at a time: the one asked for last.
      active = publishableKey;
      instance.verdicts.open();
    }
    return instance;
  };
}
