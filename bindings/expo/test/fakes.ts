/** What stands in for a phone: a store with faults and a native side. */
import type { CoreState, PerennialNativeModule, VerdictChange, TraceLine } from '../src/native-module.js';
import type { SecureStore } from '../src/secure-items.js';

export type Fault = 'throws' | 'empty';

/** A secure store whose next operations can go wrong. It has no delete at all. */
export class FakeStore implements SecureStore {
  readonly items = new Map<string, string>();
  readFaults: Fault[] = [];
  writeFaults = 0;

  getItemAsync(key: string): Promise<string | null> {
    const fault = this.readFaults.shift();
    if (fault === 'throws') return Promise.reject(new Error('interaction not allowed'));
    return Promise.resolve(fault === 'empty' ? null : (this.items.get(key) ?? null));
  }

  setItemAsync(key: string, value: string): Promise<void> {
    if (this.writeFaults > 0) {
      this.writeFaults -= 1;
      return Promise.reject(new Error('disk full'));
    }
    if (!/^[A-Za-z0-9._-]+$/.test(key)) return Promise.reject(new Error(`invalid key ${key}`));
    if (Buffer.byteLength(value) > 4096) return Promise.reject(new Error('value too large'));
    this.items.set(key, value);
    return Promise.resolve();
  }
}

export function coreState(verdict: CoreState['verdict'], more: Partial<CoreState> = {}): CoreState {
  return { sequence: 1, verdict, cause: 'test', settled: true, confirmed: verdict === 'active', ...more };
}

/** A native side that says what it is told to say. */
export class FakeNative implements PerennialNativeModule {
  token: string | null = null;
  state: CoreState = coreState('signed-out');
  configureWith: (() => Promise<{ state: CoreState }>) | null = null;
  readonly calls: string[] = [];
  private readonly verdictListeners = new Set<(change: VerdictChange) => void>();
  private readonly traceListeners = new Set<(line: TraceLine) => void>();

  configure(publishableKey: string, bearerToken: string | null): Promise<{ state: CoreState }> {
    this.calls.push(`configure ${publishableKey} ${bearerToken}`);
    return this.configureWith?.() ?? Promise.resolve({ state: this.state });
  }
  getClientToken(): Promise<string | null> {
    this.calls.push('getClientToken');
    return Promise.resolve(this.token);
  }
  getAuthFlowState(): Promise<{ isLoaded: boolean; isAuthFlowComplete: boolean }> {
    return Promise.resolve({ isLoaded: true, isAuthFlowComplete: false });
  }
  syncClientStateFromJs(deviceToken: string | null): Promise<void> {
    this.calls.push(`sync ${deviceToken}`);
    return Promise.resolve();
  }
  endSession(): Promise<void> {
    this.calls.push('endSession');
    return Promise.resolve();
  }
  refreshClient(): Promise<void> {
    return Promise.resolve();
  }
  addListener(event: 'perennialVerdictChanged' | 'perennialTrace', listener: (payload: never) => void): { remove(): void } {
    const listeners: Set<(payload: never) => void> = event === 'perennialTrace' ? this.traceListeners : this.verdictListeners;
    listeners.add(listener);
    return { remove: () => listeners.delete(listener) };
  }
  say(publishableKey: string, state: CoreState): void {
    for (const listener of [...this.verdictListeners]) listener({ publishableKey, state });
  }
  sayTrace(line: TraceLine): void {
    for (const listener of [...this.traceListeners]) listener(line);
  }
  get listening(): number {
    return this.verdictListeners.size + this.traceListeners.size;
  }
}
