// The module system of Expo as far as the SDK uses it.
const { workerData } = require('node:worker_threads');

const bridge = require('../app/bridge.cjs');

const clerk = { addListener: (event, listener) => bridge.listen(event, listener) };
for (const method of workerData.methods) clerk[method] = (...args) => bridge.call('ClerkExpo', method, ...args);

exports.requireOptionalNativeModule = name => (name === 'ClerkExpo' ? clerk : null);
exports.requireNativeModule = name => {
  if (name !== 'ClerkExpo') throw new Error(`Cannot find native module '${name}'`);
  return clerk;
};
exports.requireNativeView = name => name;
exports.isRunningInExpoGo = () => false;
