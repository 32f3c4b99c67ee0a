import { useEffect, useState, type ComponentType, type ReactNode } from 'react';

import type { Instance } from './instance.js';
import { useVerdict } from './use-verdict.js';

/** What is used of the published package; it is handed in, so that tests can. */
export interface Published {
  readonly ClerkProvider: ComponentType<Instance['clerkProps'] & { children?: ReactNode }>;
  readonly useAuth: () => { isLoaded: boolean };
}

export interface PerennialClerkProviderProps {
  readonly publishableKey: string;
  readonly children?: ReactNode;
  /** Everything else goes to the published provider. */
  readonly [prop: string]: unknown;
}

/** The pauses before the provider is mounted anew, in milliseconds; the last one repeats. */
export const remountPauses = [3000, 6000, 12_000, 30_000] as const;

/**
 * The published provider, mounted anew while the script is not loaded although
 * the core has the server's word for the session: a load that failed once is
 * never repeated, and nothing else makes the script load again. What is inside
 * shows the splash screen then, so nothing is lost by it.
 */
export function createProvider(published: Published, instance: (publishableKey: string) => Instance) {
  const { ClerkProvider, useAuth } = published;

  function Report({ to }: { to: (isLoaded: boolean) => void }): null {
    const { isLoaded } = useAuth();
    useEffect(() => to(isLoaded), [isLoaded, to]);
    return null;
  }

  return function PerennialClerkProvider({ publishableKey, children, ...rest }: PerennialClerkProviderProps) {
    const { verdicts, clerkProps } = instance(publishableKey);
    const { confirmed } = useVerdict(verdicts);
    const [isLoaded, setLoaded] = useState(false);
    const [attempt, setAttempt] = useState(0);

    useEffect(() => {
      if (isLoaded || !confirmed) return undefined;
      const pause = remountPauses[Math.min(attempt, remountPauses.length - 1)];
      const timer = setTimeout(() => setAttempt(attempt + 1), pause);
      return () => clearTimeout(timer);
    }, [attempt, confirmed, isLoaded]);

    return (
      <ClerkProvider key={`${publishableKey} ${attempt}`} {...rest} {...clerkProps}>
        <Report to={setLoaded} />
        {children}
      </ClerkProvider>
    );
  };
}
