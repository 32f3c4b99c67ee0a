// One launch of an app: a process of its own that shares nothing with the next
// launch but the token cache on disk.
import { fork } from 'node:child_process';
import path from 'node:path';

import { newest } from './releases.mjs';

const script = path.join(import.meta.dirname, 'device-process.mjs');

export class Device {
  /** Launches the app, built with a release of clerk-js. `cache` is the file
   * that stands for the secure store. */
  static async launch(server, cache, release = newest) {
    const device = new Device();
    device.waiting = new Map();
    device.next = 1;
    // The condition selects the build that React Native bundles.
    device.child = fork(script, [], {
      execArgv: ['--conditions=react-native', '--no-warnings'],
      env: { ...process.env, TZ: 'UTC', CLERK_JS: release.module, NODE_EXTRA_CA_CERTS: server.caFile },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    device.output = '';
    device.child.stdout.on('data', text => (device.output += text));
    device.child.stderr.on('data', text => (device.output += text));
    device.child.on('message', answer => device.settle(answer));
    device.child.once('exit', () => device.abandon());
    await device.call('configure', {
      publishableKey: server.publishableKey,
      // By the key alone, over TLS, as a device does; through the recorder it
      // must be the proxy address.
      proxyUrl: server.recorder?.url,
      cache,
    });
    return device;
  }

  call(operation, argument = {}) {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.send({ id, operation, argument });
    });
  }

  /** Runs a function on the SDK in the app: it gets `clerk` and the argument, and sees nothing else. */
  run(code, argument) {
    return this.call('run', { code: code.toString(), argument });
  }

  settle({ id, value, error }) {
    const { resolve, reject } = this.waiting.get(id);
    this.waiting.delete(id);
    if (!error) return resolve(value);
    reject(Object.assign(new Error(error.message), error));
  }

  abandon() {
    for (const { reject } of this.waiting.values()) reject(new Error(`the app ended\n${this.output}`));
    this.waiting.clear();
  }

  /** Ends the process as the system does: without warning. */
  async kill() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise(resolve => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
  }
}
