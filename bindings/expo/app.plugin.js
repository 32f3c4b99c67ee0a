module.exports = require('./build/plugin/index.js').default;
