// What a schedule does on the server: signs people in, ends sessions, and looks
// at what became of them.
import { Server } from '../../js/harness/server.mjs';

const TEST_CODE = '424242'; // of addresses with +clerk_test, on a development instance

export class Instance {
  #people = 0;

  static async start() {
    const instance = new Instance();
    instance.server = await Server.start();
    return instance;
  }

  get url() {
    return this.server.url;
  }
  get publishableKey() {
    return this.server.publishableKey;
  }

  stop() {
    return this.server.stop();
  }

  async #backend(method, path, body) {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.server.secretKey}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const value = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(value)}`);
    return value;
  }

  async #frontend(path, fields, token) {
    const answer = await fetch(`${this.url}${path}?_is_native=1`, {
      method: 'POST',
      headers: { 'x-mobile': '1', ...(token && { authorization: token }) },
      body: new URLSearchParams(fields),
    });
    const value = await answer.json();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(value)}`);
    return { value: value.response, token: answer.headers.get('authorization') ?? token };
  }

  /** Signs somebody new in, as an app does. Returns the client token and the session. */
  async signIn() {
    const email = `device-${++this.#people}+clerk_test@example.com`;
    await this.#backend('POST', '/v1/users', { email_address: [email], skip_password_requirement: true });
    const begun = await this.#frontend('/v1/client/sign_ins', { strategy: 'email_code', identifier: email });
    const done = await this.#frontend(
      `/v1/client/sign_ins/${begun.value.id}/attempt_first_factor`,
      { strategy: 'email_code', code: TEST_CODE },
      begun.token,
    );
    if (done.value.status !== 'complete') throw new Error(`the sign-in is ${done.value.status}`);
    return { token: done.token, sessionId: done.value.created_session_id };
  }

  async statusOf(sessionId) {
    return (await this.#backend('GET', `/v1/sessions/${sessionId}`)).status;
  }

  revoke(sessionId) {
    return this.#backend('POST', `/v1/sessions/${sessionId}/revoke`);
  }
}
