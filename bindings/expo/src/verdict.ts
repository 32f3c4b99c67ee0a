/**
 * The verdict of the core, kept for React: the current one at once, every later
 * one in order, and always loaded within its bound.
 */
import type { CoreState, PerennialNativeModule, Subscription, VerdictChange, VerdictKind } from './native-module.js';

/** What is known about the session. */
export interface Verdict {
  readonly verdict: VerdictKind;
  /** Why it holds; docs/bindings.md lists the causes. */
  readonly cause: string;
  /** There is an answer. True within two seconds, whatever the network does. */
  readonly isLoaded: boolean;
  /** The server confirmed the session in this process. */
  readonly confirmed: boolean;
  /** The open task of a pending session. */
  readonly task?: string;
  readonly sessionId?: string;
  readonly user?: NonNullable<CoreState['user']>;
}

/** The core answers within 500 ms; beyond this bound something else is wrong. */
export const loadBound = 2000;

export interface Clock {
  after(ms: number, run: () => void): () => void;
}

const realClock: Clock = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

const unknown = (cause: string, isLoaded: boolean): Verdict => ({ verdict: 'undetermined', cause, isLoaded, confirmed: false });

/** Follows one instance. Make one for each publishable key, and close it. */
export class VerdictStore {
  private current: Verdict;
  private sequence = -1;
  private readonly listeners = new Set<() => void>();
  private subscription: Subscription | null = null;
  private cancelBound: () => void = () => {};

  constructor(
    private readonly publishableKey: string,
    private readonly native: PerennialNativeModule | null,
    private readonly clock: Clock = realClock,
  ) {
    this.current = native ? unknown('starting', false) : unknown('no-native-module', true);
  }

  /**
   * Makes this the instance in use and follows it, also after another one was.
   * The first verdict needs no network and no script.
   */
  open(): void {
    const native = this.native;
    if (!native) return;
    this.close();
    this.sequence = -1;
    this.subscription = native.addListener('perennialVerdictChanged', (change) => this.take(change));
    this.cancelBound = this.clock.after(loadBound, () => this.failed('native-silent'));
    native.configure(this.publishableKey, null).then(
      (configured) => this.take({ publishableKey: this.publishableKey, state: configured.state }),
      (error: { code?: string }) => this.failed(error.code ?? 'not-configured'),
    );
  }

  close(): void {
    this.cancelBound();
    this.subscription?.remove();
    this.subscription = null;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getSnapshot = (): Verdict => this.current;

  private take({ publishableKey, state }: VerdictChange): void {
    // Another instance's, or older than what is known.
    if (publishableKey !== this.publishableKey || state.sequence <= this.sequence) return;
    this.sequence = state.sequence;
    // What was loaded is not taken back by a core that begins anew.
    const isLoaded = state.settled || this.current.isLoaded;
    if (isLoaded) this.cancelBound();
    this.publish({
      verdict: state.verdict,
      cause: state.cause,
      isLoaded,
      confirmed: state.confirmed,
      ...(state.task ? { task: state.task } : {}),
      ...(state.session_id ? { sessionId: state.session_id } : {}),
      ...(state.user ? { user: state.user } : {}),
    });
  }

  /** There is no verdict, which is no sign-out either. */
  private failed(cause: string): void {
    if (!this.current.isLoaded) this.publish(unknown(cause, true));
  }

  private publish(next: Verdict): void {
    this.current = next;
    for (const listener of [...this.listeners]) {
      try {
        listener();
      } catch (error) {
        // One that throws affects no other.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

/**
 * Whether to show the app: true, false, or undefined while nobody knows. A
 * pending session counts as the published useAuth counts it.
 */
export function isSignedIn(verdict: Verdict, treatPendingAsSignedOut = true): boolean | undefined {
  switch (verdict.verdict) {
    case 'active':
    case 'active-unverified':
      return true;
    case 'pending':
      return !treatPendingAsSignedOut;
    case 'signed-out':
      return false;
    case 'undetermined':
      return undefined;
  }
}
