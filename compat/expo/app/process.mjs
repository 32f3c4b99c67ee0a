// One process of the app: the native side, which lives as long as the process,
// and the script above it, which can be reloaded. The runner hands over what to
// start and hears what happened.
import { Worker } from 'node:worker_threads';

import { Keychain } from './keychain.mjs';
import { openOriginal } from './original-native.mjs';
import { openPerennial } from './perennial-native.mjs';

// The methods of the published native modules; a script sees no others. What
// bindings/expo adds is there for its own mode only.
const OWN_METHODS = ['endSession', 'refreshClient', 'state'];
const METHODS = {
  3: ['configure', 'presentAuth', 'presentUserProfile', 'getSession', 'getClientToken', 'signOut'],
  4: [
    'configure',
    'getClientToken',
    'getAuthFlowState',
    'syncClientStateFromJs',
    'getTrustedDeviceAvailability',
    'listTrustedDevices',
    'enrollTrustedDevice',
    'revokeTrustedDevice',
    'signInWithTrustedDevice',
  ],
};

const methods = () =>
  options.native === 'package' ? [...new Set([...METHODS[3], ...METHODS[4], ...OWN_METHODS])] : METHODS[options.generation];

let options, keychain, native, script;
let scripts = 0;

const report = event => process.send?.(event);

function openNative() {
  if (options.native !== 'original') {
    return openPerennial({ ...options, folder: `${options.folder}/perennial` });
  }
  return openOriginal(options.generation, {
    keychain,
    server: options.server,
    serverOf: key => options.servers[key],
  });
}

// What the script's stubs of native modules call.
const modules = {
  SecureStore: {
    getItemAsync: (key, service) => keychain.get(service, key),
    setItemAsync: (key, value, service) => keychain.set(service, key, value),
    deleteItemAsync: (key, service) => keychain.remove(service, key),
  },
};

// The process begins when the script is loaded, so that what happens how soon
// after the start does not depend on how busy this machine is.
function openOnce() {
  if (native) return;
  keychain = new Keychain(`${options.folder}/keychain`, options.faults);
  native = openNative();
  modules.ClerkExpo = Object.fromEntries(
    methods().map(name => [
      name,
      async (...args) => {
        report({ event: 'call', name });
        return native[name](...args);
      },
    ]),
  );
}

function startScript() {
  const number = ++scripts;
  const worker = new Worker(new URL('script.cjs', import.meta.url), {
    workerData: { ...options, methods: methods() },
  });
  script = worker;
  const subscriptions = new Map();
  const say = message => worker === script && worker.postMessage(message);
  worker.on('error', error => report({ event: 'crash', message: String(error?.stack ?? error) }));
  worker.on('message', async message => {
    switch (message.kind) {
      case 'loaded':
        openOnce();
        say({ kind: 'begin' });
        break;
      case 'call': {
        const { id, module, method, args } = message;
        try {
          say({ kind: 'answer', id, value: (await modules[module][method](...args)) ?? null });
        } catch (error) {
          say({ kind: 'answer', id, error: { message: error.message, code: error.code } });
        }
        break;
      }
      case 'listen': {
        const listener = payload => {
          if (!message.name.startsWith('perennial')) report({ event: 'native event', name: message.name, type: payload?.type });
          say({ kind: 'event', id: message.id, payload });
        };
        subscriptions.set(message.id, native.addListener(message.name, listener));
        break;
      }
      case 'unlisten':
        subscriptions.get(message.id)?.remove();
        subscriptions.delete(message.id);
        break;
      case 'report':
        report({ ...message.event, script: number });
    }
  });
  worker.on('exit', () => subscriptions.forEach(subscription => subscription.remove()));
}

const commands = {
  start(given) {
    options = given;
    startScript();
  },
  async reload() {
    const before = script;
    script = null;
    await before.terminate();
    startScript();
  },
  configure: next => script.postMessage({ kind: 'configure', next }),
};

process.on('message', ({ command, argument }) => commands[command](argument));
// The runner is the only reason to live.
process.on('disconnect', () => process.exit(0));
