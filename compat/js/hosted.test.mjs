// The instance's own pages in Chromium, as an app without screens of its own
// opens them: through a real OpenID provider, and with a passkey.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Browser } from './harness/browser.mjs';
import { Provider } from './harness/provider.mjs';
import { Server } from './harness/server.mjs';

const PASSWORD = 'correct horse battery 9';

// An address is no relying party: for passkeys the pages go by a name.
const named = url => url.replace('127.0.0.1', 'localhost');

/** An app that talks to the Frontend API as native SDKs do. */
class App {
  constructor(base, origin) {
    Object.assign(this, { base, origin, token: '' });
  }

  async call(method, route, fields) {
    const url = new URL(this.base + route);
    url.searchParams.set('_is_native', '1');
    const headers = { authorization: this.token, ...(this.origin && { origin: this.origin }) };
    const answer = await fetch(url, { method, headers, body: fields && new URLSearchParams(fields) });
    this.token = answer.headers.get('authorization') || this.token;
    const body = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${route}: ${answer.status} ${JSON.stringify(body)}`);
    return body.response;
  }
}

describe('hosted pages, Chromium', () => {
  let server, provider, browser, callback, arrivals;

  before(async () => {
    server = await Server.start({ settings: { passkeys: { enabled: true } } });
    provider = await Provider.start(server, { ada: 'ada@example.com' });
    browser = await Browser.open(path.join(server.folder, 'profile'));
    arrivals = [];
    callback = createServer((request, response) => {
      const url = new URL(request.url, 'http://127.0.0.1');
      if (url.pathname === '/back') arrivals.push(url.searchParams);
      response.end('<p>Back in the app.</p>');
    });
    await new Promise(resolve => callback.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    await browser?.close();
    callback?.close();
    provider?.stop();
    await server?.stop();
  });

  const returnAddress = () => `http://127.0.0.1:${callback.address().port}/back`;

  /** Opens the page that an app is told to open; what is returned completes the flow. */
  const open = async (app, mode) => {
    const verifier = randomBytes(32).toString('base64url');
    const { url } = await app.call('POST', '/v1/client/hosted_auth', {
      mode,
      state: 'st-1',
      redirect_url: returnAddress(),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    });
    await browser.page.goto(url);
    return async () => {
      await browser.page.waitForURL(`${returnAddress()}**`);
      const arrived = arrivals.pop();
      assert.equal(arrived.get('state'), 'st-1');
      const client = await app.call('POST', '/v1/client', {
        _method: 'GET',
        rotating_token_nonce: arrived.get('rotating_token_nonce'),
        code_verifier: verifier,
      });
      assert.equal(client.last_active_session_id, arrived.get('created_session_id'));
      return client.sessions[0].user;
    };
  };

  const press = name => browser.page.getByRole('button', { name, exact: true }).click();
  const picture = async name => {
    if (process.env.SCREENSHOTS) await browser.page.screenshot({ path: path.join(process.env.SCREENSHOTS, `${name}.png`) });
  };

  test('a sign-in at a provider becomes a sign-up, and then signs in', async () => {
    let completed = await open(new App(server.url), 'sign-in');
    await picture('sign-in-http');
    await press('Continue with The provider');
    await browser.page.waitForURL(`${provider.url}/**`);
    await press('ada');
    await browser.page.getByText('Nobody here has signed up').waitFor();
    await picture('unknown');
    await press('Create an account');
    const signedUp = await completed();
    assert.deepEqual(signedUp.external_accounts.map(account => account.email_address), ['ada@example.com']);

    completed = await open(new App(server.url), 'sign-in');
    await press('Continue with The provider');
    await browser.page.waitForURL(`${provider.url}/**`);
    await press('ada');
    assert.equal((await completed()).id, signedUp.id);
  });

  test('a passkey, asked for by the page', async () => {
    const base = named(server.url);
    const app = new App(base, base);
    const up = await app.call('POST', '/v1/client/sign_ups', { email_address: 'grace@example.com', password: PASSWORD });
    await app.call('POST', `/v1/client/sign_ups/${up.id}/prepare_verification`, { strategy: 'email_code' });
    await app.call('POST', `/v1/client/sign_ups/${up.id}/attempt_verification`, {
      strategy: 'email_code',
      code: await server.code('grace@example.com'),
    });
    const session = await browser.context.newCDPSession(browser.page);
    await session.send('WebAuthn.enable');
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    let completed = await open(new App(base), 'sign-in');
    await picture('sign-in');
    const passkey = await app.call('POST', '/v1/me/passkeys');
    const credential = await browser.run(async options => {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(options));
      return JSON.stringify((await navigator.credentials.create({ publicKey })).toJSON());
    }, passkey.verification.nonce);
    await app.call('POST', `/v1/me/passkeys/${passkey.id}/attempt_verification`, {
      strategy: 'passkey',
      public_key_credential: credential,
    });

    // One that nobody unlocks leaves the page with a way to try again.
    await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await press('Use a passkey');
    await browser.page.getByText('No passkey was used').waitFor();
    await picture('passkey');
    await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
    await press('Use a passkey');
    assert.equal((await completed()).email_addresses[0].email_address, 'grace@example.com');

    completed = await open(new App(base), 'sign-in');
    await browser.page.getByLabel('Email address, phone number or username').fill('grace@example.com');
    await press('Continue');
    await picture('password');
    await press('Use a passkey');
    const user = await completed();
    assert.deepEqual(user.email_addresses.map(email => email.email_address), ['grace@example.com']);
  });
});
