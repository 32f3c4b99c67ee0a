import { useSyncExternalStore } from 'react';

import { isSignedIn, type Verdict, type VerdictStore } from './verdict.js';

export interface UsePerennialVerdictOptions {
  /** As in the published useAuth; true unless said otherwise. */
  readonly treatPendingAsSignedOut?: boolean;
}

export type UsePerennialVerdict = Verdict & {
  /** Undefined while nobody knows: show the splash screen, never the sign-in. */
  readonly isSignedIn: boolean | undefined;
};

/** The current verdict, and a new render with every later one. */
export function useVerdict(store: VerdictStore, options: UsePerennialVerdictOptions = {}): UsePerennialVerdict {
  const verdict = useSyncExternalStore(store.subscribe, store.getSnapshot, store.getSnapshot);
  return { ...verdict, isSignedIn: isSignedIn(verdict, options.treatPendingAsSignedOut) };
}
