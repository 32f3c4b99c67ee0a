// A device that speaks to the Frontend API without an SDK, for tests of what a
// back end sees and does: a fraction of the time that a process of Device takes.
export class WireDevice {
  /** A device with an empty client. */
  static async launch(server) {
    const device = new WireDevice();
    device.server = server;
    await device.call('GET', '/client');
    return device;
  }

  /** Sends a form as native SDKs do and returns the body; throws an error with `status` and `code` for a refusal. */
  async call(method, route, form = {}) {
    const answer = await this.send(method, route, form);
    const body = await answer.json();
    if (answer.ok) return body;
    const [first] = body.errors;
    throw Object.assign(new Error(`${method} ${route}: ${first.code}`), { status: answer.status, code: first.code, meta: first.meta });
  }

  async send(method, route, form) {
    const query = new URLSearchParams({ _is_native: '1', ...(method === 'GET' && form) });
    const answer = await fetch(`${this.server.url}/v1${route}?${query}`, {
      method,
      headers: this.credential ? { authorization: this.credential } : {},
      body: method === 'GET' ? undefined : new URLSearchParams(form),
      redirect: 'manual',
    });
    this.credential = answer.headers.get('authorization') ?? this.credential;
    return answer;
  }

  /** Signs in with a ticket of the back end and returns the client. */
  async signIn(ticket) {
    const { response, client } = await this.call('POST', '/client/sign_ins', { strategy: 'ticket', ticket });
    if (response.status !== 'complete') throw new Error(`sign-in is ${response.status}, want complete`);
    this.sessionId = response.created_session_id;
    return client;
  }

  /** Mints a session token. */
  async token() {
    return (await this.call('POST', `/client/sessions/${this.sessionId}/tokens`)).jwt;
  }
}
