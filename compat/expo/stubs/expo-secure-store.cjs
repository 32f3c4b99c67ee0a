// expo-secure-store on iOS: items of a service of its own, which tells whether
// reading asks for the user.
const bridge = require('../app/bridge.cjs');

const service = options => `${options?.keychainService ?? 'app'}${options?.requireAuthentication ? ':auth' : ':no-auth'}`;

exports.AFTER_FIRST_UNLOCK = 0;
exports.AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY = 1;
exports.ALWAYS = 2;
exports.WHEN_UNLOCKED = 5;
exports.WHEN_UNLOCKED_THIS_DEVICE_ONLY = 6;
exports.isAvailableAsync = async () => true;
exports.getItemAsync = (key, options) => bridge.call('SecureStore', 'getItemAsync', key, service(options));
exports.setItemAsync = (key, value, options) => bridge.call('SecureStore', 'setItemAsync', key, value, service(options));
exports.deleteItemAsync = (key, options) => bridge.call('SecureStore', 'deleteItemAsync', key, service(options));
