/**
 * Reading and writing single items of a secure store, with answers that keep
 * "nothing there" and "could not be read" apart.
 */

/** The part of expo-secure-store that is used; also what tests provide. */
export interface SecureStore {
  getItemAsync(key: string): Promise<string | null>;
  setItemAsync(key: string, value: string): Promise<void>;
}

export type Read = { readonly found: string } | 'absent' | 'failed';

export async function read(store: SecureStore, key: string): Promise<Read> {
  try {
    const value = await store.getItemAsync(key);
    return value ? { found: value } : 'absent';
  } catch {
    return 'failed';
  }
}

/** Writes, and says whether it worked. */
export async function write(store: SecureStore, key: string, value: string): Promise<boolean> {
  try {
    await store.setItemAsync(key, value);
    return true;
  } catch {
    return false;
  }
}

/**
 * The name of an item of one instance. The whole key is in it: development keys
 * end alike. Secure stores allow letters, digits and `._-`.
 */
export function scoped(key: string, publishableKey: string): string {
  const name = publishableKey.replace(/[^A-Za-z0-9]/g, (c) => `.${c.charCodeAt(0).toString(16)}-`);
  return `${key}.${name}`;
}
