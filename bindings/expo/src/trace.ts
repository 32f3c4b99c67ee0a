import type { PerennialNativeModule } from './native-module.js';

/**
 * Prints the launch trace: what it has so far, and every later line. It is empty
 * unless the app was built with the plugin's option `trace`, or runs with
 * PERENNIAL_TRACE=1. Returns how to stop.
 */
export function printTrace(
  native: Pick<PerennialNativeModule, 'addListener'> | null,
  print: (line: string) => void,
): () => void {
  const subscription = native?.addListener('perennialTrace', ({ afterMs, text }) => {
    print(`perennial ${String(`+${afterMs}`).padStart(6)} ms  ${text}`);
  });
  return () => subscription?.remove();
}
