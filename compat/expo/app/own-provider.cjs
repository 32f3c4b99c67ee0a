// The provider of bindings/expo, with the same stubs below it as the SDK.
const { ClerkProvider, useAuth } = require('@clerk/expo');
const { requireNativeModule } = require('expo');
const store = require('expo-secure-store');

const BUILT = '../../../bindings/expo/build/src';
const { createInstances } = require(`${BUILT}/instance.js`);
const { createProvider } = require(`${BUILT}/provider.js`);

const native = requireNativeModule('ClerkExpo');
module.exports = createProvider({ ClerkProvider, useAuth }, createInstances({ store, native, global: globalThis }));
