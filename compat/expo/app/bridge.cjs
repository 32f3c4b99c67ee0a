// What connects the script with the native side: calls that are answered
// later, and events.
const { parentPort } = require('node:worker_threads');

const waiting = new Map();
const listeners = new Map();
let next = 1;

parentPort.on('message', message => {
  if (message.kind === 'answer') {
    const { resolve, reject } = waiting.get(message.id);
    waiting.delete(message.id);
    if (!message.error) return resolve(message.value);
    reject(Object.assign(new Error(message.error.message), { code: message.error.code }));
  }
  if (message.kind === 'event') listeners.get(message.id)?.(message.payload);
});

exports.call = (module, method, ...args) =>
  new Promise((resolve, reject) => {
    const id = next++;
    waiting.set(id, { resolve, reject });
    parentPort.postMessage({ kind: 'call', id, module, method, args });
  });

exports.listen = (name, listener) => {
  const id = next++;
  listeners.set(id, listener);
  parentPort.postMessage({ kind: 'listen', id, name });
  return {
    remove() {
      if (listeners.delete(id)) parentPort.postMessage({ kind: 'unlisten', id });
    },
  };
};

exports.report = event => parentPort.postMessage({ kind: 'report', event });
