// Resolves modules as the bundler of React Native does: the SDK of the chosen
// generation under its own name, a platform's file before the common one, and
// the stubs of this folder for what only exists on a device.
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const STUBS = path.join(__dirname, '..', 'stubs');
const PLATFORM = ['.ios.js', '.native.js'];

const stubs = new Map([
  ['react-native', 'react-native.cjs'],
  ['react-native/Libraries/Utilities/codegenNativeComponent', 'native-component.cjs'],
  ['expo', 'expo.cjs'],
  ['expo-modules-core', 'expo.cjs'],
  ['expo-secure-store', 'expo-secure-store.cjs'],
  ['expo-web-browser', 'expo-web-browser.cjs'],
  ['expo-constants', 'expo-constants.cjs'],
  // Node has a complete URL.
  ['react-native-url-polyfill/auto', 'nothing.cjs'],
  ['react-native-url-polyfill/auto.js', 'nothing.cjs'],
]);

/** Makes `@clerk/expo` the published package of a generation. */
exports.install = generation => {
  const original = Module._resolveFilename;
  Module._resolveFilename = function (request, parent, ...rest) {
    const stub = stubs.get(request);
    if (stub) return path.join(STUBS, stub);
    const wanted = request.replace(/^@clerk\/expo(?=\/|$)/, `expo-${generation}`);
    // One React for all, as a bundler has it.
    if (/^react(\/|$)/.test(wanted)) return original.call(this, wanted, module, ...rest);
    if (!wanted.startsWith('.')) return original.call(this, wanted, parent, ...rest);
    const base = path.resolve(path.dirname(parent.filename), wanted);
    const special = PLATFORM.map(suffix => base + suffix).find(file => fs.existsSync(file));
    return special ?? original.call(this, wanted, parent, ...rest);
  };
};
