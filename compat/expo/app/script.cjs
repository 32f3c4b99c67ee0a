// The script's side of the app, in a thread of its own as in React Native: the
// published SDK, unmodified, and an app of one screen that says what it shows.
const { parentPort, workerData } = require('node:worker_threads');

const bridge = require('./bridge.cjs');
require('./platform.cjs');
require('./modules.cjs').install(workerData.generation);

const React = require('react');
const { create } = require('react-test-renderer');
const { App } = require('./screen.cjs');

const element = ({ publishableKey, server }) =>
  React.createElement(App, { publishableKey, proxyUrl: server, own: workerData.native === 'package', say: bridge.report });

// On a device a rejection that nobody handles is a warning.
process.on('unhandledRejection', error => bridge.report({ event: 'unhandled', message: String(error?.message ?? error) }));

let root;
parentPort.on('message', message => {
  if (message.kind === 'begin') {
    bridge.report({ event: 'mount' });
    root = create(element(workerData));
  }
  if (message.kind === 'configure') root.update(element(message.next));
});
parentPort.postMessage({ kind: 'loaded' });
