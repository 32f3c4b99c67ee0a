// The C interface as a Node module: each blocking call runs on a thread of its
// own and is a promise here.
import koffi from 'koffi';

export class PerennialError extends Error {
  constructor(failure) {
    super(`${failure.kind}: ${failure.message}`);
    Object.assign(this, failure);
  }
}

// The structure perennial_store, once for each process.
let storeStructure;
const storeType = () =>
  (storeStructure ??= koffi.struct('perennial_store', {
    context: 'void *',
    get: 'void *',
    set: 'void *',
    remove: 'void *',
    release: 'void *',
  }));

// Libraries whose functions the library calls: they must not be unloaded.
const kept = [];

// A store of the host that another shared library implements: its functions
// begin with prefix, and the one that opens it takes the given arguments.
export function loadStore(path, prefix, types, ...values) {
  const library = koffi.load(path);
  kept.push(library);
  library.func(`${prefix}_open`, 'void', types)(...values);
  const address = (name) => library.symbol(`${prefix}_${name}`, 'void');
  return {
    context: null,
    get: address('get'),
    set: address('set'),
    remove: address('remove'),
    release: address('release'),
  };
}

export function load(path) {
  const library = koffi.load(path);
  // A text that the library returns is given back as soon as it is copied.
  const text = koffi.disposable('PerennialText', 'str', library.func('void perennial_free(void *text)'));
  const functions = {
    open: library.func('perennial_open', text, ['str']),
    openModule: library.func('perennial_open_module', text, ['str']),
    openModuleWithStore: library.func('perennial_open_module_with_store', text, ['str', koffi.pointer(storeType())]),
    listen: library.func('perennial_listen', text, ['int64', 'str']),
    call: library.func('perennial_call', text, ['int64', 'str', 'str']),
    watch: library.func('perennial_watch', text, ['int64']),
    next: library.func('perennial_next', text, ['int64', 'int64']),
    unwatch: library.func('perennial_unwatch', text, ['int64']),
    close: library.func('perennial_close', text, ['int64']),
  };
  const result = (answer) => {
    const { ok, result, error } = JSON.parse(answer);
    if (!ok) throw new PerennialError(error);
    return result;
  };
  const later = (f, ...args) =>
    new Promise((resolve, reject) => {
      f.async(...args, (error, answer) => (error ? reject(error) : resolve(answer)));
    }).then(result);

  return {
    // The native module that the published Expo SDK looks for: its methods with
    // their published arguments, and an event emitter.
    // With the functions of a host's store, the options say vault: 'host'.
    openModule(options, store) {
      const { module } = result(
        store ? functions.openModuleWithStore(JSON.stringify(options), store) : functions.openModule(JSON.stringify(options)),
      );
      const call = (method, args = {}) => later(functions.call, module, method, JSON.stringify(args));
      const value = (method, args) => call(method, args).then((found) => found?.value ?? null);
      return {
        configure: (publishableKey, bearerToken) => call('configure', { publishableKey, bearerToken }),
        getSession: () => value('getSession'),
        getClientToken: () => value('getClientToken'),
        getAuthFlowState: () => value('getAuthFlowState'),
        signOut: () => call('signOut').then(() => undefined),
        endSession: () => call('endSession').then(() => undefined),
        refreshClient: () => call('refreshClient').then(() => undefined),
        syncClientStateFromJs: (deviceToken, sourceId, didChangeClient, didChangeDeviceToken) =>
          call('syncClientStateFromJs', { deviceToken, sourceId, didChangeClient, didChangeDeviceToken }).then(() => undefined),
        getTrustedDeviceAvailability: () => value('getTrustedDeviceAvailability'),
        listTrustedDevices: () => value('listTrustedDevices'),
        presentAuth: () => call('presentAuth'),
        addListener(event, listener) {
          const { watch } = result(functions.listen(module, event));
          let removed = false;
          (async () => {
            for (;;) {
              const { event: found, over } = await later(functions.next, watch, 250);
              if (over || removed) return;
              if (found) listener(found.payload);
            }
          })();
          return {
            remove() {
              removed = true;
              result(functions.unwatch(watch));
            },
          };
        },
        state: () => call('state').then(({ state }) => state),
        close: () => later(functions.close, module),
      };
    },
    open(options) {
      const { device, state } = result(functions.open(JSON.stringify(options)));
      return {
        state,
        call: (method, args = {}) => later(functions.call, device, method, JSON.stringify(args)),
        close: () => later(functions.close, device),
        // First the current state, then every later one. Each wait is short:
        // a thread that waits for ever would keep Node from its other work.
        async *watch(waitMs = 250) {
          const { watch } = result(functions.watch(device));
          try {
            for (;;) {
              const { state, over } = await later(functions.next, watch, waitMs);
              if (over) return;
              if (state) yield state;
            }
          } finally {
            result(functions.unwatch(watch));
          }
        },
      };
    },
  };
}
