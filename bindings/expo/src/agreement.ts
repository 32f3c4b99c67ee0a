/**
 * Which token the script begins with, when the native side may hold another one.
 * A server that has forgotten the script's own answers it with somebody new, and
 * the script would show that nobody is signed in until it is told otherwise.
 */
import type { PerennialNativeModule } from './native-module.js';

/**
 * How long the script's first request waits, in milliseconds: for the native side
 * to say that it has a session, and then for the server to say whose the token
 * is. Only tokens that differ have to be asked about. Whatever takes longer, the
 * script's own holds.
 */
export const agreementLimits = { native: 700, server: 2500 } as const;

export interface AgreementOptions {
  readonly publishableKey: string;
  readonly native: Pick<PerennialNativeModule, 'configure' | 'getClientToken' | 'syncClientStateFromJs'>;
  readonly isActive: () => boolean;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Returns a function that says which token to use in the place of the script's.
 * It asks once in a process, for the first token it is given: what comes later
 * comes from a server.
 */
export function createAgreement({ publishableKey, native, isActive, sleep }: AgreementOptions): (token: string) => Promise<string> {
  let first: { readonly token: string; readonly agreed: Promise<string> } | undefined;

  const within = <T>(ms: number, work: Promise<T>): Promise<T | null> => Promise.race([work, sleep(ms).then(() => null)]);

  const ask = async (token: string): Promise<string> => {
    try {
      const configured = await within(agreementLimits.native, native.configure(publishableKey, token));
      if (!configured?.state.session_id) return token; // there is nothing to compare it with
      // Answered when the server has said whose the token is, at once if the
      // native side uses the same.
      const held = await within(
        agreementLimits.server,
        native.syncClientStateFromJs(token, null, false, true).then(() => native.getClientToken()),
      );
      return isActive() && held ? held : token;
    } catch {
      return token;
    }
  };

  return (token) => {
    if (!isActive()) return Promise.resolve(token);
    first ??= { token, agreed: ask(token) };
    return first.token === token ? first.agreed : Promise.resolve(token);
  };
}
