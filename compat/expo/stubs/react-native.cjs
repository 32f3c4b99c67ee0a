// React Native as far as the SDK uses it, on a phone with iOS.
const { workerData } = require('node:worker_threads');

const bridge = require('../app/bridge.cjs');

function nativeModule() {
  const module = {};
  for (const method of workerData.methods) module[method] = (...args) => bridge.call('ClerkExpo', method, ...args);
  return module;
}

const clerk = nativeModule();

exports.Platform = {
  OS: 'ios',
  Version: '18.0',
  constants: { reactNativeVersion: { major: 0, minor: 81, patch: 0 } },
  select: choices => choices.ios ?? choices.native ?? choices.default,
};
exports.TurboModuleRegistry = {
  get: name => (name === 'ClerkExpo' ? clerk : null),
  getEnforcing(name) {
    if (name !== 'ClerkExpo') throw new Error(`TurboModuleRegistry.getEnforcing(...): '${name}' could not be found.`);
    return clerk;
  },
};
exports.NativeModules = { ClerkExpo: clerk };
exports.NativeEventEmitter = class {
  addListener(event, listener) {
    return bridge.listen(event, listener);
  }
};
exports.AppState = { currentState: 'active', addEventListener: () => ({ remove() {} }) };
exports.Linking = { addEventListener: () => ({ remove() {} }), getInitialURL: async () => null, openURL: async () => {} };
exports.StyleSheet = { create: styles => styles, flatten: style => style, absoluteFill: {}, absoluteFillObject: {} };
for (const name of ['View', 'Text', 'ActivityIndicator', 'Image', 'Modal', 'Pressable', 'ScrollView', 'TextInput', 'TouchableOpacity']) {
  exports[name] = name;
}
exports.requireNativeComponent = name => name;
exports.useColorScheme = () => 'light';
