/**
 * The resource cache of the script (experimental there): the last environment
 * and client, so that `isLoaded` comes without the network. Nothing good is
 * replaced by a placeholder, and nothing is deleted because something failed.
 */
import { read, scoped, write, type SecureStore } from './secure-items.js';

/** The published storage interface. */
export interface ResourceStorage {
  get: (key: string) => Promise<string | null>;
  set: (key: string, value: string) => Promise<void>;
}

export interface ResourceCacheOptions {
  readonly publishableKey: string;
  readonly store: SecureStore;
  /** Whether the core shows a session, confirmed or not. */
  readonly hasSession: () => boolean;
}

/** Secure stores take values of about two kilobytes. */
const chunkSize = 1000;

/** The published placeholders carry this word in their ids. */
const placeholder = /"id":"[a-z]+_DUMMY_ID"/;

export function createResourceCache(options: ResourceCacheOptions): () => ResourceStorage {
  const { publishableKey, store, hasSession } = options;
  let queue: Promise<void> = Promise.resolve();

  const load = async (item: string): Promise<string | null> => {
    const latest = await read(store, `${item}.latest`);
    if (typeof latest === 'string') return null;
    const [slot, count] = latest.found.split(':');
    const parts: string[] = [];
    for (let i = 0; i < Number(count); i++) {
      const part = await read(store, `${item}.${slot}.${i}`);
      if (typeof part === 'string') return null;
      parts.push(part.found);
    }
    return parts.join('');
  };

  const save = async (item: string, value: string): Promise<void> => {
    const latest = await read(store, `${item}.latest`);
    if (latest === 'failed') return; // which slot is in use is not known
    const slot = latest !== 'absent' && latest.found.startsWith('a') ? 'b' : 'a';
    const characters = Array.from(value);
    let count = 0;
    for (let at = 0; at < characters.length; at += chunkSize, count++) {
      const part = characters.slice(at, at + chunkSize).join('');
      if (!(await write(store, `${item}.${slot}.${count}`, part))) return;
    }
    // In one step the new slot is the one that counts.
    await write(store, `${item}.latest`, `${slot}:${count}`);
  };

  const worthKeeping = async (key: string, item: string, value: string): Promise<boolean> => {
    if (placeholder.test(value)) return false;
    if (!key.startsWith('__clerk_cache_client') || !hasSession()) return true;
    const [next, before] = [sessionsOf(value), sessionsOf((await load(item)) ?? '')];
    // A client that was minted because a token was missing for a moment.
    return !(next && before && next.id !== before.id && next.sessions === 0 && before.sessions > 0);
  };

  return () => ({
    get: (key) => load(scoped(key, publishableKey)),
    set: (key, value) => {
      const item = scoped(key, publishableKey);
      queue = queue.then(async () => {
        if (await worthKeeping(key, item, value)) await save(item, value);
      });
      return queue;
    },
  });
}

function sessionsOf(text: string): { id: unknown; sessions: number } | null {
  try {
    const client = JSON.parse(text) as { id?: unknown; sessions?: unknown };
    return { id: client.id, sessions: Array.isArray(client.sessions) ? client.sessions.length : 0 };
  } catch {
    return null;
  }
}
