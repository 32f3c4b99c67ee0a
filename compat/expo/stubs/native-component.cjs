exports.__esModule = true;
exports.default = name => name;
