// What the platform library beneath the published native modules does, as far
// as a cold start can see it, for iOS: it keeps a device token, a client and an
// environment in the keychain, loads both from there, and refreshes both from
// the server. Written from the published behaviour of versions 1.0 and 1.4;
// where they differ, `atomic` is the newer one.
import { setTimeout as delay } from 'node:timers/promises';

const SERVICE = 'app.bundle';
const TOKEN = 'clerkDeviceToken';
const CLIENT = 'cachedClient';
const ENVIRONMENT = 'cachedEnvironment';

const ATTEMPTS = 3;
const LONGEST_PAUSE_MS = 5_000;
const REQUEST_LIMIT_MS = 60_000;
const RETRIED = new Set([408, 425, 429, 500, 502, 503, 504]);

export class OriginalClerk {
  client = null;
  environment = null;
  token = null; // in memory in the newer version only

  #keychain;
  #server;
  #atomic;
  #configured = false;
  #observers = new Set();

  constructor({ keychain, server, atomic }) {
    this.#keychain = keychain;
    this.#server = server;
    this.#atomic = atomic;
  }

  get isLoaded() {
    return this.client !== null && this.environment !== null;
  }

  get session() {
    const id = this.client?.last_active_session_id;
    return this.client?.sessions?.find(session => session.id === id && session.status === 'active') ?? null;
  }

  observe(observer) {
    this.#observers.add(observer);
  }

  #changed() {
    for (const observer of this.#observers) observer();
  }

  // An item that cannot be read is taken for one that is not there.
  async #read(key) {
    return this.#keychain.get(SERVICE, key).catch(() => null);
  }

  async readToken() {
    return this.#atomic ? this.token : this.#read(TOKEN);
  }

  async writeToken(token) {
    this.token = token;
    await this.#keychain.set(SERVICE, TOKEN, token).catch(() => {});
  }

  async forgetCached() {
    await this.#keychain.remove(SERVICE, CLIENT).catch(() => {});
    await this.#keychain.remove(SERVICE, ENVIRONMENT).catch(() => {});
  }

  async forgetAll() {
    await this.#keychain.remove(SERVICE, TOKEN).catch(() => {});
    await this.forgetCached();
  }

  /** Begins to load. A second call does nothing. */
  async configure() {
    if (this.#configured) return;
    this.#configured = true;
    await this.#hydrate();
    const ignore = () => {};
    this.#persistently(() => this.refreshClient()).catch(ignore);
    this.#persistently(() => this.#refreshEnvironment()).catch(ignore);
  }

  /** Begins anew for another instance: what was kept is given up. */
  async reconfigure(server) {
    this.#server = server;
    this.client = this.environment = this.token = null;
    await this.forgetAll();
    this.#configured = false;
    await this.configure();
  }

  async #hydrate() {
    const parsed = text => (text ? JSON.parse(text) : null);
    if (this.#atomic) this.token = await this.#read(TOKEN);
    this.client = parsed(await this.#read(CLIENT));
    this.environment = parsed(await this.#read(ENVIRONMENT));
    this.#changed();
  }

  async #persistently(work) {
    for (let attempt = 1, pause = 500; ; attempt++, pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        return await work();
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
        await delay(pause);
      }
    }
  }

  /** Asks for the client. The cached one stays when that fails. */
  async refreshClient() {
    const { response } = await this.#request('GET', '/v1/client');
    if (response === undefined) throw new Error('the answer has no client');
    if (response === null && this.#atomic) return; // the one before is kept
    await this.#adopt(response);
  }

  async #refreshEnvironment() {
    const environment = await this.#request('GET', '/v1/environment');
    if (!environment.auth_config) throw new Error('the answer has no environment');
    this.environment = environment;
    await this.#keychain.set(SERVICE, ENVIRONMENT, JSON.stringify(environment)).catch(() => {});
    this.#changed();
  }

  async #adopt(client) {
    this.client = client;
    if (client === null) {
      await this.#keychain.remove(SERVICE, CLIENT).catch(() => {});
    } else {
      await this.#keychain.set(SERVICE, CLIENT, JSON.stringify(client)).catch(() => {});
    }
    this.#changed();
  }

  /** Takes another token: the identity before is given up, then the client is
   * asked for. */
  async updateToken(token) {
    await this.writeToken(token);
    await this.#adopt(null);
    await this.refreshClient();
  }

  /** Ends the session on the server. */
  async signOut(sessionId) {
    const answer = await this.#request('POST', `/v1/client/sessions/${sessionId}/remove`);
    if (answer.client !== undefined) await this.#adopt(answer.client);
  }

  async #request(method, path) {
    const token = await this.readToken();
    const headers = { 'x-mobile': '1', 'x-ios-sdk-version': this.#atomic ? '1.4.1' : '1.0.0', accept: 'application/json' };
    if (token) headers.authorization = token;
    if (this.client?.id) headers['x-clerk-client-id'] = this.client.id;
    const answer = await this.#send(`${this.#server}${path}?_is_native=true`, { method, headers });
    const successor = answer.headers.get('authorization');
    if (successor) await this.writeToken(successor);
    const body = JSON.parse(await answer.text());
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return body;
  }

  // One more try for whatever may pass.
  async #send(url, options, again = true) {
    const signal = AbortSignal.timeout(REQUEST_LIMIT_MS);
    const answer = await fetch(url, { ...options, signal }).catch(error => {
      if (!again) throw error;
      return null;
    });
    if (answer && !(again && RETRIED.has(answer.status))) return answer;
    const asked = Number(answer?.headers.get('retry-after') ?? 0) * 1000;
    await answer?.body?.cancel();
    await delay(Math.min(Math.max(asked, 100), LONGEST_PAUSE_MS));
    return this.#send(url, options, false);
  }
}
