// One device of one generation over one native side: its storage, its network,
// and the launches of the app on it.
import { cp, mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { Keychain } from '../app/keychain.mjs';
import { Launch } from './launch.mjs';
import { Proxy, successorOf } from './proxy.mjs';

// How bindings/expo names an item of an instance, once it is built.
const ownItems = '../../../bindings/expo/build/src/secure-items.js';

const SCRIPT_SERVICE = 'app:no-auth';
const NATIVE_SERVICE = 'app.bundle';
const TOKEN_ITEM = '__clerk_client_jwt';
const CLIENT_CACHE = '__clerk_cache_client';
const PREPARE_LIMIT_MS = 120_000;
const WRITTEN_LIMIT_MS = 30_000;

export const showsContent = sessionId => event => event.event === 'screen' && event.screen === 'content' && event.sessionId === sessionId;
export const holdsToken = sessionId => event =>
  event.event === 'token' && event.sessionId === sessionId && event.expires > Date.now() / 1000;

export class Device {
  #launches = new Set();

  static async create({ world, generation, native, number, index }) {
    const device = Object.assign(new Device(), { world, generation, native });
    device.home = path.join(world.folder, `${generation}-${native}-${number}-${index}`);
    device.proxy = await Proxy.start(world.instance.url);
    device.other = await Proxy.start(world.other.url);
    return device;
  }

  async destroy() {
    await Promise.all([...this.#launches].map(launch => launch.kill()));
    await this.proxy.stop();
    await this.other.stop();
    await rm(this.home, { recursive: true, force: true });
  }

  get folder() {
    return path.join(this.home, 'now');
  }

  #keychain() {
    return new Keychain(path.join(this.folder, 'keychain'));
  }

  launch(more = {}) {
    const launch = new Launch({
      generation: this.generation,
      native: this.native,
      publishableKey: this.world.instance.publishableKey,
      server: this.proxy.url,
      servers: {
        [this.world.instance.publishableKey]: this.proxy.url,
        [this.world.other.publishableKey]: this.other.url,
      },
      folder: this.folder,
      library: this.world.library,
      hostStore: this.world.hostStore,
      ...more,
    });
    this.#launches.add(launch);
    launch.gone.then(() => this.#launches.delete(launch));
    return launch;
  }

  /** What the app is configured with after a switch to the other instance. */
  get elsewhere() {
    return { publishableKey: this.world.other.publishableKey, server: this.other.url };
  }
  get here() {
    return { publishableKey: this.world.instance.publishableKey, server: this.proxy.url };
  }

  /** Signs somebody in and launches the app once, so that both sides know, with
   * a token that has replaced an older one. */
  async prepare() {
    await rm(this.home, { recursive: true, force: true });
    await mkdir(this.folder, { recursive: true });
    this.reset();
    const { token, sessionId } = await this.world.instance.signIn();
    Object.assign(this, { sessionId, older: token, token: await successorOf(this.proxy.target, token) });
    await this.#keychain().set(SCRIPT_SERVICE, TOKEN_ITEM, this.token);
    const launch = this.launch();
    const seen = await launch.until(events => events.some(holdsToken(sessionId)) && this.#bothKnow(launch), PREPARE_LIMIT_MS);
    await this.#written(launch);
    await launch.kill();
    if (!seen) throw new Error(`a healthy first launch was not signed in\n${launch.story()}`);
    await cp(this.folder, path.join(this.home, 'prepared'), { recursive: true });
  }

  // Until everything that is written in the background is there: the resources
  // that the script caches, and a second without another change.
  async #written(launch) {
    const began = performance.now();
    for (let before; performance.now() - began < WRITTEN_LIMIT_MS; ) {
      const items = await this.#itemsWritten();
      if (items === before && items.includes(CLIENT_CACHE)) return;
      before = items;
      await launch.until(() => false, 1_000);
    }
  }

  async #itemsWritten() {
    const folder = path.join(this.folder, 'keychain');
    const names = (await readdir(folder)).sort();
    const stats = await Promise.all(names.map(name => stat(path.join(folder, name)).catch(() => null)));
    return names.map((name, i) => `${Buffer.from(name.split('~')[1], 'hex')} ${stats[i]?.mtimeMs}`).join('\n');
  }

  // The native side has said so, or was asked and has answered.
  #bothKnow(launch) {
    return launch.events.some(({ event, name }) => event === 'call' && (name === 'getSession' || name === 'getClientToken'));
  }

  reset() {
    for (const proxy of [this.proxy, this.other]) {
      proxy.set({ kind: 'healthy' });
      Object.assign(proxy, { rotations: 0, onRotation: () => {}, endings: [], void: new Set() });
    }
  }

  /** Puts the device into the state before a schedule. */
  async restore(prior = 'both', forget = false) {
    this.reset();
    await rm(this.folder, { recursive: true, force: true });
    await cp(path.join(this.home, 'prepared'), this.folder, { recursive: true });
    const write = async token => this.#keychain().set(SCRIPT_SERVICE, await this.#tokenItem(), token);
    switch (prior) {
      case 'both':
        return;
      case 'script only':
        await rm(path.join(this.folder, 'perennial'), { recursive: true, force: true });
        return this.#forget(NATIVE_SERVICE);
      case 'native only':
        return this.#forget(SCRIPT_SERVICE);
      case 'script newer':
        await write(await successorOf(this.proxy.target, this.token));
        if (forget) this.proxy.void.add(this.token);
        return;
      case 'native newer':
        await write(this.older);
        if (forget) this.proxy.void.add(this.older);
        return;
      default:
        throw new Error(`no prior state ${prior}`);
    }
  }

  async #tokenItem() {
    if (this.native !== 'package') return TOKEN_ITEM;
    const { default: items } = await import(ownItems);
    return items.scoped(TOKEN_ITEM, this.here.publishableKey);
  }

  async #forget(service) {
    const folder = path.join(this.folder, 'keychain');
    for (const name of await readdir(folder)) {
      if (name.startsWith(`${service}~`)) await rm(path.join(folder, name));
    }
  }
}
