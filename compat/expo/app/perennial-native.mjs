// The native side of the app over the device core, through the C interface.
import { load, loadStore } from '../../../device/bindings/testdata/node/perennial.mjs';

/** Opens the native module of one process. */
export function openPerennial({ library, hostStore, folder, server, faults = {} }) {
  const store = loadStore(
    hostStore,
    'host_store',
    ['str', 'int64', 'int64', 'int64', 'int', 'int'],
    folder,
    faults.lockedMs ?? 0,
    faults.delayMs ?? 0,
    faults.failWritesMs ?? 0,
    faults.failReads ?? 0,
    faults.emptyReads ?? 0,
  );
  return load(library).openModule({ server, vault: 'host', lock_dir: folder }, store);
}
