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

/**
 * How long the native side waits for the script's own token before it is asked
 * without. A token that comes later is handed over then.
 */
export const tokenPatience = 300;

/** The pause after reads of the script's token that all failed. */
export const readAgain = 5000;

/** The native side is empty, and the script's own store cannot be read. */
const tokenUnknown = 'script-token-unknown';

/** Follows one instance. Make one for each publishable key, and close it. */
export class VerdictStore {
  private current: Verdict;
  private state: CoreState | null = null;
  /** It is known whether the script has a token of its own. */
  private asked = false;
  private round = 0;
  private readonly listeners = new Set<() => void>();
  private subscription: Subscription | null = null;
  private cancelTimers: () => void = () => {};

  /** scriptToken reads the script's own token; it rejects while that cannot be known. */
  constructor(
    private readonly publishableKey: string,
    private readonly native: PerennialNativeModule | null,
    private readonly scriptToken: () => Promise<string | null>,
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
    this.state = null;
    this.asked = false;
    const round = ++this.round;
    this.subscription = native.addListener('perennialVerdictChanged', (change) => this.take(change));
    const configure = (token: string | null): void => {
      if (round !== this.round) return; // another instance is in use by now
      native.configure(this.publishableKey, token).then(
        (configured) => this.take({ publishableKey: this.publishableKey, state: configured.state }),
        (error: { code?: string }) => this.failed(error.code ?? 'not-configured'),
      );
    };
    // A native side that is new proves nothing as long as the script may have a
    // token from before.
    const cancelPatience = this.clock.after(tokenPatience, () => configure(null));
    const cancelBound = this.clock.after(loadBound, () => this.failed('native-silent'));
    this.cancelTimers = () => {
      cancelPatience();
      cancelBound();
    };
    const read = (): void => {
      this.scriptToken().then(
        (token) => {
          if (round !== this.round) return;
          cancelPatience();
          this.asked = true;
          configure(token);
          if (this.current.cause === tokenUnknown) this.render();
        },
        () => {
          cancelPatience();
          configure(null);
          // Its store may become readable at any time.
          this.clock.after(readAgain, () => {
            if (round === this.round) read();
          });
        },
      );
    };
    read();
  }

  close(): void {
    this.round++;
    this.cancelTimers();
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
    if (publishableKey !== this.publishableKey || (this.state && state.sequence <= this.state.sequence)) return;
    this.state = state;
    this.render();
  }

  private render(): void {
    const state = this.state;
    if (!state) return;
    // What was loaded is not taken back by a core that begins anew.
    const isLoaded = state.settled || this.current.isLoaded;
    if (state.verdict === 'signed-out' && state.cause === 'none' && !this.asked) {
      this.publish(unknown(tokenUnknown, isLoaded));
      return;
    }
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
