import { useCallback, useEffect, useState, type ComponentType, type ReactNode } from 'react';

import type { Instance } from './instance.js';
import { useVerdict } from './use-verdict.js';
import { isSignedIn as knownSignedIn } from './verdict.js';

/** What is used of the published package; it is handed in, so that tests can. */
export interface Published {
  readonly ClerkProvider: ComponentType<Instance['clerkProps'] & { children?: ReactNode }>;
  readonly useAuth: (options: { treatPendingAsSignedOut: boolean }) => { isLoaded: boolean; isSignedIn?: boolean | undefined };
}

export interface PerennialClerkProviderProps {
  readonly publishableKey: string;
  readonly children?: ReactNode;
  /** Everything else goes to the published provider. */
  readonly [prop: string]: unknown;
}

/** The pauses before the provider is mounted anew, in milliseconds; the last one repeats. */
export const remountPauses = [3000, 6000, 12_000, 30_000] as const;

/** How often it is mounted anew below a sign-in screen, which somebody may be using. */
export const signInRemounts = 3;

/** What the script says of itself. */
type Said = 'not loaded' | 'signed out' | 'signed in';

/** What the script of a key said last, and whether it was ever signed in. */
interface Script {
  readonly of: string;
  readonly said: Said;
  readonly found: boolean;
}

const silent: Script = { of: '', said: 'not loaded', found: false };

/**
 * The published provider, mounted anew while the script has not found the
 * session for which the core has the server's word: a load that failed once is
 * never repeated, and one that was answered with somebody new, because it began
 * with a token that the server has forgotten, is not repeated either. What is
 * inside shows the splash screen or the sign-in then, so nothing is lost by it.
 * A script that was signed in once is left alone: it knows of sign-outs first.
 */
export function createProvider(published: Published, instance: (publishableKey: string) => Instance) {
  const { ClerkProvider, useAuth } = published;

  function Report({ of, to }: { of: string; to: (of: string, said: Said) => void }): null {
    const { isLoaded, isSignedIn } = useAuth({ treatPendingAsSignedOut: false });
    const said = !isLoaded ? 'not loaded' : isSignedIn ? 'signed in' : 'signed out';
    useEffect(() => to(of, said), [of, said, to]);
    return null;
  }

  return function PerennialClerkProvider({ publishableKey, children, ...rest }: PerennialClerkProviderProps) {
    const { verdicts, clerkProps } = instance(publishableKey);
    const verdict = useVerdict(verdicts);
    const known = verdict.confirmed && knownSignedIn(verdict, false) === true;
    const [script, setScript] = useState<Script>(silent);
    const [attempt, setAttempt] = useState(0);

    const report = useCallback((of: string, said: Said) => {
      setScript((before) => ({ of, said, found: said === 'signed in' || (before.of === of && before.found) }));
    }, []);

    // What another key's script said says nothing.
    const { said, found } = script.of === publishableKey ? script : silent;
    const missed = said === 'signed out' && known && !found && attempt < signInRemounts;
    const waits = missed || (said === 'not loaded' && verdict.confirmed);
    useEffect(() => {
      if (!waits) return undefined;
      const pause = remountPauses[Math.min(attempt, remountPauses.length - 1)];
      const timer = setTimeout(() => setAttempt(attempt + 1), pause);
      return () => clearTimeout(timer);
    }, [attempt, waits]);

    return (
      <ClerkProvider key={`${publishableKey} ${attempt}`} {...rest} {...clerkProps}>
        <Report of={publishableKey} to={report} />
        {children}
      </ClerkProvider>
    );
  };
}
