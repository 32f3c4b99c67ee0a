/**
 * The native module, in the interface that the published `@clerk/expo` expects
 * of it (both generations) and with what the Perennial core tells beside it.
 */

/** The five verdicts. */
export type VerdictKind = 'active' | 'active-unverified' | 'pending' | 'signed-out' | 'undetermined';

/** A state of the core as it arrives; the fields are described in docs/bindings.md. */
export interface CoreState {
  readonly sequence: number;
  readonly verdict: VerdictKind;
  readonly cause: string;
  readonly task?: string;
  readonly settled: boolean;
  readonly confirmed: boolean;
  readonly session_id?: string;
  readonly user?: {
    readonly id: string;
    readonly identifier?: string;
    readonly first_name?: string;
    readonly last_name?: string;
    readonly image_url?: string;
  };
}

/** Payload of `perennialVerdictChanged`. */
export interface VerdictChange {
  readonly publishableKey: string;
  readonly state: CoreState;
}

/** Payload of `perennialTrace`. */
export interface TraceLine {
  readonly afterMs: number;
  readonly text: string;
}

/** What configure resolves with. The published script ignores it. */
export interface Configured {
  readonly state: CoreState;
  /** Set when the token that was handed over is none, or leads nowhere. */
  readonly token_error?: { readonly kind: string; readonly code: string; readonly message: string };
}

export interface Subscription {
  remove(): void;
}

/** The native module `ClerkExpo` of this package. */
export interface PerennialNativeModule {
  configure(publishableKey: string, bearerToken: string | null): Promise<Configured>;
  getClientToken(): Promise<string | null>;
  getAuthFlowState(): Promise<{ isLoaded: boolean; isAuthFlowComplete: boolean }>;
  syncClientStateFromJs(
    deviceToken: string | null,
    sourceId: string | null,
    didChangeClient: boolean,
    didChangeDeviceToken: boolean,
  ): Promise<void>;
  /** A person's wish to sign out. Everything else the script calls ends nothing. */
  endSession(): Promise<void>;
  /** The app came to the foreground, or the network changed. */
  refreshClient(): Promise<void>;
  addListener(event: 'perennialVerdictChanged', listener: (change: VerdictChange) => void): Subscription;
  addListener(event: 'perennialTrace', listener: (line: TraceLine) => void): Subscription;
}

/** The name under which the published script looks for its native side. */
export const nativeModuleName = 'ClerkExpo';

/**
 * Tells the module of this package from another one of the same name: an app
 * may have been built with the native side of `@clerk/expo` still in it.
 */
export function asPerennial(found: unknown): PerennialNativeModule | null {
  const candidate = found as Partial<PerennialNativeModule> | null | undefined;
  return typeof candidate?.endSession === 'function' && typeof candidate.configure === 'function'
    ? (candidate as PerennialNativeModule)
    : null;
}
