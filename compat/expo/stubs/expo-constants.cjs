exports.__esModule = true;
exports.default = { expoConfig: { scheme: 'app' }, executionEnvironment: 'standalone' };
