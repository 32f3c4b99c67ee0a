// A running `perennial dev` on temporary data, as its users start it.
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { Recorder } from './recorder.mjs';

const START_LIMIT = 60_000;
const MAIL_LIMIT = 15_000;
const binary = process.env.PERENNIAL_BIN ?? path.resolve(import.meta.dirname, '../../../bin/perennial');

export class Server {
  /** Starts a server. With `recording` and PERENNIAL_RECORD set, SDKs that use
   * `base` pass through a recorder that writes wire/testdata/<recording>.json.
   * `settings` are what the instance's users have and may do. */
  static async start({ recording, sdk, settings } = {}) {
    const server = new Server();
    server.folder = await mkdtemp(path.join(tmpdir(), 'perennial-compat-'));
    server.arguments = [];
    if (settings) {
      const file = path.join(server.folder, 'settings.json');
      await writeFile(file, JSON.stringify(settings));
      server.arguments.push('--settings', file);
    }
    await server.launch('127.0.0.1:0');
    if (recording && process.env.PERENNIAL_RECORD) {
      server.recorder = await Recorder.start({ name: recording, sdk, server });
    }
    return server;
  }

  async launch(listen) {
    const readyFile = path.join(this.folder, 'ready.json');
    await rm(readyFile, { force: true });
    this.output = '';
    this.process = spawn(
      binary,
      ['dev', '--listen', listen, '--data', path.join(this.folder, 'data'), '--ready-file', readyFile, ...this.arguments],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    // A test that is stopped half-way must not leave servers behind.
    const child = this.process;
    process.once('exit', () => child.kill('SIGKILL'));
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.on('data', text => (this.output = (this.output + text).slice(-20_000)));
    }
    this.ended = new Promise(resolve => {
      this.process.once('error', error => resolve(String(error)));
      this.process.once('exit', (code, signal) => resolve(`exit ${code ?? signal}`));
    });
    const early = this.ended.then(how => {
      throw new Error(`perennial dev ended before it was ready: ${how}\n${this.output}`);
    });
    early.catch(() => {});
    Object.assign(this, await Promise.race([readyJSON(readyFile), early]));
  }

  /** Base URL for SDKs that accept plain http; the recorder's when recording. */
  get base() {
    return this.recorder?.url ?? this.url;
  }

  /** Calls the Backend API with the secret key. */
  async backend(method, route, body) {
    const answer = await fetch(`${this.url}/v1${route}`, {
      method,
      headers: { authorization: `Bearer ${this.secretKey}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${route}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  /** Gives the server the published browser scripts that scripts/install-test-tools brought. */
  async addAssets() {
    const brought = path.resolve(import.meta.dirname, '../../node_modules/.perennial-assets/npm');
    await cp(brought, path.join(this.folder, 'data', 'npm'), { recursive: true });
  }

  /** Stops the server as an operator does and starts it again on the same data and address. */
  async restart() {
    await this.halt();
    await this.resume();
  }

  async resume() {
    await this.launch(new URL(this.url).host);
  }

  /** The code of the newest message to an address, sent after the ones already read. */
  async code(to) {
    const code = await this.message(to, message => message.code);
    this.recorder?.normaliser.name('code', code);
    return code;
  }

  /** What the newest message to an address holds, sent after the ones already read. */
  async message(to, holds) {
    this.read ??= new Set();
    const deadline = Date.now() + MAIL_LIMIT;
    while (Date.now() < deadline) {
      const inbox = new URL(this.inboxUrl);
      inbox.searchParams.set('to', to);
      const answer = await fetch(inbox);
      if (!answer.ok) throw new Error(`inbox answered ${answer.status}: ${await answer.text()}`);
      const newest = (await answer.json()).find(message => holds(message) && !this.read.has(message.id));
      if (newest) {
        this.read.add(newest.id);
        return holds(newest);
      }
      await delay(50);
    }
    throw new Error(`no such new message for ${to} within ${MAIL_LIMIT} ms`);
  }

  async halt() {
    this.process.kill('SIGTERM');
    const outcome = await Promise.race([this.ended, delay(15_000, 'still running', { ref: false })]);
    if (outcome === 'still running') {
      this.process.kill('SIGKILL');
      throw new Error(`perennial dev did not stop on SIGTERM\n${this.output}`);
    }
  }

  async stop() {
    try {
      await this.recorder?.finish();
      await this.halt();
    } finally {
      await rm(this.folder, { recursive: true, force: true });
    }
  }
}

// The file appears atomically once requests are answered, so what can be read
// is whole.
async function readyJSON(file) {
  const deadline = Date.now() + START_LIMIT;
  while (Date.now() < deadline) {
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text !== null) {
      const ready = JSON.parse(text);
      return {
        url: ready.url,
        tlsUrl: ready.tls_url,
        caFile: ready.ca_file,
        publishableKey: ready.publishable_key,
        secretKey: ready.secret_key,
        inboxUrl: ready.inbox_url,
      };
    }
    await delay(20);
  }
  throw new Error(`no ready file within ${START_LIMIT} ms`);
}
