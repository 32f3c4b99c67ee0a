// Links in mails and sign-in through the browser, by the published SDK.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Browser } from './harness/browser.mjs';
import { Device } from './harness/device.mjs';
import { Page } from './harness/page.mjs';
import { Server } from './harness/server.mjs';

const PASSWORD = 'correct horse battery 9';

/** Signs up without any SDK, so that somebody has an account. */
async function account(server, emailAddress) {
  await server.backend('POST', '/users', { email_address: [emailAddress], password: PASSWORD });
}

/** The newest link to an address, once there is one that was not taken yet. */
async function link(server, to) {
  server.followed ??= new Set();
  for (let tries = 0; tries < 200; tries++) {
    const inbox = new URL(server.inboxUrl);
    inbox.searchParams.set('to', to);
    const newest = (await (await fetch(inbox)).json()).find(message => message.link && !server.followed.has(message.id));
    if (newest) {
      server.followed.add(newest.id);
      return newest.link;
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error(`no link was sent to ${to}`);
}

for (const sameClient of [true, false]) {
  describe(`clerk-js 6.40.0, email link, ${sameClient ? 'this browser only' : 'any browser'}`, () => {
    let server, page, browser;

    before(async () => {
      server = await Server.start({ settings: { email_link: true, email_link_same_client: sameClient } });
      page = await Page.serve({ publishableKey: server.publishableKey, proxyUrl: server.base });
      browser = await Browser.open(path.join(server.folder, 'profile'));
      await account(server, 'ada@example.com');
    });
    after(async () => {
      await browser?.close();
      await page?.close();
      await server?.stop();
    });

    /** Opens the link where `how` says and returns the words in the address it leads to. */
    async function follow(address, how) {
      if (how === 'elsewhere') {
        const answer = await fetch(address, { redirect: 'manual' });
        assert.equal(answer.status, 303);
        return new URL(answer.headers.get('location')).searchParams;
      }
      const tab = await browser.tab();
      await tab.page.goto(address);
      return new URL(tab.page.url()).searchParams;
    }

    test('sign-in: the tab that asked polls until the link was followed', async () => {
      await browser.visit(page.url);
      const done = browser.run(async redirectUrl => {
        const signIn = await window.Clerk.client.signIn.create({ identifier: 'ada@example.com' });
        const factor = signIn.supportedFirstFactors.find(each => each.strategy === 'email_link');
        const { startEmailLinkFlow } = signIn.createEmailLinkFlow();
        const complete = await startEmailLinkFlow({ emailAddressId: factor.emailAddressId, redirectUrl });
        await window.Clerk.setActive({ session: complete.createdSessionId });
        return {
          status: complete.status,
          verification: complete.firstFactorVerification.status,
          sameClient: complete.firstFactorVerification.verifiedFromTheSameClient(),
          email: window.Clerk.user?.primaryEmailAddress?.emailAddress,
        };
      }, `${page.url}/?from=mail`);
      const address = await link(server, 'ada@example.com');
      const words = await follow(address, 'elsewhere');
      assert.equal(words.get('from'), 'mail');
      assert.equal(words.get('__clerk_status'), sameClient ? 'client_mismatch' : 'verified');
      if (sameClient) {
        const here = await follow(address, 'here');
        assert.equal(here.get('__clerk_status'), 'verified');
        assert.match(here.get('__clerk_created_session'), /^sess_/);
      }
      assert.deepEqual(await done, { status: 'complete', verification: 'verified', sameClient, email: 'ada@example.com' });
    });

    test('sign-up: the same', async () => {
      await browser.signOut();
      await browser.visit(page.url);
      const done = browser.run(async ({ redirectUrl, password }) => {
        const { signUp } = window.Clerk.client;
        await signUp.create({ emailAddress: 'new@example.com', password });
        const complete = await signUp.createEmailLinkFlow().startEmailLinkFlow({ redirectUrl });
        return { status: complete.status, session: complete.createdSessionId };
      }, { redirectUrl: page.url, password: PASSWORD });
      const words = await follow(await link(server, 'new@example.com'), sameClient ? 'here' : 'elsewhere');
      const complete = await done;
      assert.equal(complete.status, 'complete');
      assert.equal(words.get('__clerk_created_session'), complete.session);
    });
  });
}

describe('sign-in of an app through the browser', () => {
  let server, browser, app;

  before(async () => {
    server = await Server.start();
    await account(server, 'grace@example.com');
    browser = await Browser.open(path.join(server.folder, 'profile'));
    app = await Device.launch(server, path.join(server.folder, 'store.json'));
    await app.call('load');
  });
  after(async () => {
    await app?.kill();
    await browser?.close();
    await server?.stop();
  });

  test('an app on clerk-js 6.40.0 is signed in by what Chromium brings back', async () => {
    const back = createServer();
    await new Promise(resolve => back.listen(0, '127.0.0.1', resolve));
    const redirect = `http://127.0.0.1:${back.address().port}/callback`;
    const verifier = randomBytes(32).toString('base64url');
    const started = await app.run(async (clerk, body) => {
      const answer = await clerk.getFapiClient().request({ method: 'POST', path: '/client/hosted_auth', body });
      return answer.payload.response;
    }, {
      redirect_url: redirect,
      state: 'state-1',
      mode: 'sign-in',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    });
    assert.equal(started.object, 'hosted_auth');

    const came = new Promise(resolve => {
      back.on('request', (request, response) => {
        response.end('<!doctype html><title>back</title>');
        resolve(new URL(request.url, redirect));
      });
    });
    const tab = browser.page;
    await tab.goto(started.url);
    // Whatever runs on the page comes from the instance itself.
    assert.ok(await tab.evaluate(() => [...document.scripts].every(script => script.src.startsWith(location.origin + '/'))));
    await tab.fill('#identifier', 'grace@example.com');
    await tab.click('button:has-text("Continue")');
    await tab.fill('#password', 'not the password at all');
    await tab.click('button:has-text("Sign in")');
    assert.match(await tab.textContent('[role=alert]'), /password/i);
    await tab.fill('#password', PASSWORD);
    await tab.click('button:has-text("Sign in")');
    const callback = await came;
    assert.equal(callback.searchParams.get('state'), 'state-1');
    back.close();
    back.closeAllConnections();

    const session = callback.searchParams.get('created_session_id');
    const redeemed = await app.run(async (clerk, body) => {
      const answer = await clerk.getFapiClient().request({ method: 'POST', path: '/client', body });
      return answer.payload.response.sessions.map(each => each.id);
    }, { _method: 'GET', rotating_token_nonce: callback.searchParams.get('rotating_token_nonce'), code_verifier: verifier });
    assert.deepEqual(redeemed, [session]);

    // The next cold start finds the session with the credential that was stored.
    await app.kill();
    app = await Device.launch(server, path.join(server.folder, 'store.json'));
    const state = await app.call('load');
    assert.equal(state.sessionId, session);
    assert.equal(state.email, 'grace@example.com');
  });
});
