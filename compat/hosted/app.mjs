// A native app that has people sign in on the hosted pages.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

export class App {
  arrivals = [];
  token = '';

  /** An app of the visitor, on their device: it talks to the Frontend API as
   * native SDKs do, and is returned to on loopback. */
  static async open(visitor) {
    const app = new App();
    app.visitor = visitor;
    app.listener = createServer((request, response) => {
      const url = new URL(request.url, 'http://127.0.0.1');
      if (url.pathname === '/back') app.arrivals.push(url.searchParams);
      response.setHeader('content-type', 'text/html');
      response.end('<!DOCTYPE html><link rel="icon" href="data:,"><p>Back in the app.</p>');
    });
    await new Promise(resolve => app.listener.listen(0, '127.0.0.1', resolve));
    app.address = `http://127.0.0.1:${app.listener.address().port}/back`;
    return app;
  }

  async call(route, fields) {
    const url = new URL(route, this.visitor.base);
    url.searchParams.set('_is_native', '1');
    const headers = { authorization: this.token, origin: this.visitor.base };
    const answer = await fetch(url, { method: 'POST', headers, body: new URLSearchParams(fields) });
    this.token = answer.headers.get('authorization') || this.token;
    const body = await answer.json();
    if (!answer.ok) throw new Error(`${route}: ${answer.status} ${JSON.stringify(body)}`);
    return body.response;
  }

  /** Opens the page that the app is told to open. */
  async begin(mode) {
    this.verifier = randomBytes(32).toString('base64url');
    const { url } = await this.call('/v1/client/hosted_auth', {
      mode, state: 'st-1', redirect_url: this.address, code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
    });
    await this.visitor.open(url);
  }

  /** Takes what the browser came back with; returns who is signed in. */
  async complete() {
    await this.visitor.page.waitForURL(`${this.address}**`);
    const arrived = this.arrivals.pop();
    assert.equal(arrived.get('state'), 'st-1');
    const client = await this.call('/v1/client', {
      _method: 'GET', rotating_token_nonce: arrived.get('rotating_token_nonce'), code_verifier: this.verifier,
    });
    assert.equal(client.last_active_session_id, arrived.get('created_session_id'));
    return client.sessions[0].user;
  }

  async close() {
    await new Promise(resolve => {
      this.listener.close(resolve);
      this.listener.closeAllConnections();
    });
  }
}
