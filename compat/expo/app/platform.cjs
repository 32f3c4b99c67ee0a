// What React Native gives to a script besides its modules: the globals, a fetch
// with its limit and its errors, and the device's clock.
const { workerData } = require('node:worker_threads');

globalThis.window = globalThis;
globalThis.IS_REACT_ACT_ENVIRONMENT = false;
Object.defineProperty(globalThis, 'navigator', { value: { product: 'ReactNative' }, configurable: true });

const REQUEST_LIMIT_MS = 60_000;
const nodeFetch = globalThis.fetch;
globalThis.fetch = async (input, init = {}) => {
  try {
    const limit = AbortSignal.timeout(REQUEST_LIMIT_MS);
    const signal = init.signal ? AbortSignal.any([init.signal, limit]) : limit;
    return await nodeFetch(input, { ...init, signal });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new TypeError('Network request failed');
  }
};

// A wrong device clock. Timers run on, as they do on a device.
const wrong = workerData.clockMs ?? 0;
if (wrong !== 0) {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...args) {
      super(...(args.length === 0 ? [RealDate.now() + wrong] : args));
    }
    static now() {
      return RealDate.now() + wrong;
    }
  };
}
