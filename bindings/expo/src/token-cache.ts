/**
 * The token cache of the script: it never deletes, and never takes a read that
 * failed for "no token".
 *
 * Why there is no clearToken: the published script calls it when a setting
 * changes and when the native side has no token for a moment. Nobody who calls
 * it means that a person wants to be signed out.
 */
import { createAgreement } from './agreement.js';
import type { PerennialNativeModule } from './native-module.js';
import { read, scoped, write, type SecureStore } from './secure-items.js';

/** The published interface, without the optional clearToken. */
export interface TokenCache {
  getToken: (key: string) => Promise<string | null>;
  saveToken: (key: string, token: string) => Promise<void>;
}

export interface TokenCacheOptions {
  readonly publishableKey: string;
  readonly store: SecureStore;
  readonly native: Pick<PerennialNativeModule, 'configure' | 'getClientToken' | 'syncClientStateFromJs'> | null;
  /** Whether this is the instance in use: the native side has one at a time. */
  readonly isActive?: () => boolean;
  readonly sleep?: (ms: number) => Promise<void>;
}

/** The item that the published script keeps for every instance alike. */
export const clientTokenKey = '__clerk_client_jwt';

/** The store could not be read, and there is no other copy. Nothing is lost. */
export class TokenUnreadableError extends Error {
  readonly code = 'E_TOKEN_UNREADABLE';
  constructor() {
    super('The secure store could not be read. The session is as it was; try again later.');
    this.name = 'TokenUnreadableError';
  }
}

/**
 * Pauses between reads, in milliseconds. A store that fails is asked for about
 * five seconds; one that says "absent" although it was written is believed
 * after three reads, because somebody may really have removed the item.
 */
const pauses = [0, 50, 150, 300, 600, 1000, 1500, 1500];
const absentReads = 3;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function createTokenCache(options: TokenCacheOptions): TokenCache {
  const { publishableKey, store, native, isActive = () => true, sleep = wait } = options;
  // What could not be written yet. It is what this process knows.
  const unsaved = new Map<string, string>();
  let writing: Promise<void> = Promise.resolve();
  const agree = native ? createAgreement({ publishableKey, native, isActive, sleep }) : undefined;

  const nativeToken = async (key: string): Promise<string | null> => {
    if (!native || key !== clientTokenKey || !isActive()) return null;
    try {
      // Joins the configuration in use or makes it; waits for no network.
      await native.configure(publishableKey, null);
      const token = await native.getClientToken();
      return isActive() && token ? token : null;
    } catch {
      return null;
    }
  };

  const persist = (key: string, token: string): Promise<void> => {
    unsaved.set(key, token);
    writing = writing.then(async () => {
      if (unsaved.get(key) !== token) return; // a newer one took its place
      const item = scoped(key, publishableKey);
      if (!(await write(store, item, token))) return;
      // After the token, so that a marker never stands for nothing.
      await write(store, `${item}.present`, '1');
      if (unsaved.get(key) === token) unsaved.delete(key);
    });
    return writing;
  };

  /** What the published cache stored before this one, for the first instance that asks. */
  const legacy = async (key: string): Promise<string | null> => {
    const found = await read(store, key);
    if (typeof found === 'string') return null;
    const owner = await read(store, `${key}.adopted`);
    if (owner === 'failed' || (owner !== 'absent' && owner.found !== publishableKey)) return null;
    if (owner === 'absent' && !(await write(store, `${key}.adopted`, publishableKey))) return null;
    await persist(key, found.found);
    return found.found;
  };

  const agreed = async (key: string, own: string): Promise<string> => {
    if (!agree || key !== clientTokenKey) return own;
    const token = await agree(own);
    if (token !== own) await persist(key, token);
    return token;
  };

  const getToken = async (key: string): Promise<string | null> => {
    const item = scoped(key, publishableKey);
    let absent = 0;
    for (const pause of pauses) {
      if (pause > 0) await sleep(pause);
      const pending = unsaved.get(key);
      if (pending !== undefined) {
        void persist(key, pending);
        return pending;
      }
      const found = await read(store, item);
      if (typeof found !== 'string') return agreed(key, found.found);
      const copy = await nativeToken(key);
      if (copy !== null) {
        if (found === 'absent') await persist(key, copy);
        return copy;
      }
      if (found === 'failed') continue;
      const marker = await read(store, `${item}.present`);
      if (marker === 'failed') continue;
      absent += 1;
      if (marker === 'absent' || absent === absentReads) return legacy(key);
    }
    throw new TokenUnreadableError();
  };

  const saveToken = async (key: string, token: string): Promise<void> => {
    if (!token) return; // an empty header is no token
    await persist(key, token);
    if (unsaved.get(key) !== token || key !== clientTokenKey || !native || !isActive()) return;
    try {
      // The store did not take it: the native side keeps it durably.
      await native.syncClientStateFromJs(token, null, false, true);
    } catch {
      // Not configured yet; the next read tries to write again.
    }
  };

  return { getToken, saveToken };
}
