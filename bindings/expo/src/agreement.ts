/**
 * Which token the script begins with, when the native side may hold another one.
 * A server that has forgotten the script's own answers it with somebody new, and
 * the script would show that nobody is signed in until it is told otherwise.
 */
import type { PerennialNativeModule } from './native-module.js';

/**
 * How long the script's first request waits, in milliseconds: for the native side
 * to say that it has a session, and then for the server to say whose the token
 * is. Only tokens that differ have to be asked about, twice with a pause between
 * when the server calls the script's nobody. As long as there is no answer, the
 * script's own holds.
 */
export const agreementLimits = { native: 700, server: 8000 } as const;

export interface AgreementOptions {
  readonly publishableKey: string;
  readonly native: Pick<PerennialNativeModule, 'configure' | 'getClientToken' | 'syncClientStateFromJs'>;
  readonly isActive: () => boolean;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Returns a function that says which token to use in the place of the script's.
 * It asks once in a process, for the first token it is given: what comes later
 * comes from a server. An answer after the limits holds from then on.
 */
export function createAgreement({ publishableKey, native, isActive, sleep }: AgreementOptions): (token: string) => Promise<string> {
  let first: { readonly token: string; readonly agreed: Promise<string>; answer?: string } | undefined;

  const within = <T>(ms: number, work: Promise<T>): Promise<T | null> => Promise.race([work, sleep(ms).then(() => null)]);

  /** Which token the native side uses, when it has a session: its own or this one. */
  const ask = (token: string): { configured: Promise<boolean>; held: Promise<string> } => {
    const configured = native.configure(publishableKey, token).then(({ state }) => Boolean(state.session_id));
    const held = configured.then(async (hasSession) => {
      if (!hasSession) return token; // there is nothing to compare it with
      // Answered when the server has said whose the token is, at once if the
      // native side uses the same.
      await native.syncClientStateFromJs(token, null, false, true);
      return (await native.getClientToken()) || token;
    });
    return { configured, held };
  };

  const begin = (token: string): void => {
    const { configured, held } = ask(token);
    const soon = async (): Promise<string> => {
      if ((await within(agreementLimits.native, configured)) === null) return token;
      return (await within(agreementLimits.server, held)) ?? token;
    };
    const begun: NonNullable<typeof first> = { token, agreed: soon().catch(() => token) };
    held.then((answer) => (begun.answer = answer), () => (begun.answer = token));
    first = begun;
  };

  return async (token) => {
    if (!isActive()) return token;
    if (!first) begin(token);
    if (first?.token !== token) return token;
    const agreed = first.answer ?? (await first.agreed);
    return isActive() ? agreed : token;
  };
}
