// An Express application with @clerk/express whose pages are rendered for the
// visitor: whatever a browser's cookies say, a visit ends, and ends right.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { createClerkClient } from '@clerk/backend';

import { Browser } from './harness/browser.mjs';
import { ExpressApp } from './harness/express-app.mjs';
import { Server } from './harness/server.mjs';

const EMAIL = 'ada@example.com';
const PASSWORD = 'correct horse battery 9';
// A visit may go to the server once and lose what that left in the address.
const MOST_REDIRECTS = 4;

describe('@clerk/express 2.1.70, rendered pages with handshake', () => {
  let server, app, browser, user, sessionId;

  before(async () => {
    server = await Server.start();
    app = await ExpressApp.serve(server);
    const clerk = createClerkClient({ secretKey: server.secretKey, apiUrl: server.url, telemetry: { disabled: true } });
    user = await clerk.users.createUser({ emailAddress: [EMAIL], password: PASSWORD });
    browser = await Browser.open(path.join(server.folder, 'profile'));
  });
  after(async () => {
    await browser?.close();
    await app?.close();
    await server?.stop();
  });

  /** Opens the rendered document: whom it was rendered for, and after how many redirects. */
  async function rendered() {
    // The SDK counts the handshakes of two seconds; a person is slower than these tests.
    await browser.context.clearCookies({ name: '__clerk_redirect_count' });
    const answer = await browser.page.goto(`${app.url}/rendered`);
    let redirects = 0;
    for (let request = answer.request().redirectedFrom(); request; request = request.redirectedFrom()) redirects += 1;
    assert.equal(answer.status(), 200, await answer.text());
    assert.ok(redirects <= MOST_REDIRECTS, `${redirects} redirects`);
    return { ...JSON.parse(await answer.text()), redirects };
  }

  test('a first visit is rendered signed out, the next one without a detour', async () => {
    assert.equal((await rendered()).userId, null);
    const again = await rendered();
    assert.deepEqual([again.userId, again.redirects], [null, 0]);
  });

  test('after sign-in the server renders for the user, before any script runs', async () => {
    await browser.visit(app.url);
    sessionId = await browser.run(
      async ({ identifier, password }) => {
        const attempt = await window.Clerk.client.signIn.create({ identifier, password });
        await window.Clerk.setActive({ session: attempt.createdSessionId });
        return window.Clerk.session.id;
      },
      { identifier: EMAIL, password: PASSWORD },
    );
    const { redirects, ...found } = await rendered();
    assert.deepEqual(found, { userId: user.id, sessionId, orgId: null });
    assert.equal(redirects, 0);
    await browser.page.goto(app.url);
    assert.equal(await browser.page.locator('main').getAttribute('data-user'), user.id);
  });

  test('calls of the page and of other clients are authenticated, nobody else is', async () => {
    const own = await browser.run(async () => (await fetch('/api/me')).json());
    assert.equal(own.userId, user.id);
    await browser.load();
    const token = await browser.run(() => window.Clerk.session.getToken());
    const call = headers => browser.context.request.get(`${app.url}/api/me`, { headers: { cookie: '', ...headers } });
    assert.equal((await (await call({ authorization: `Bearer ${token}` })).json()).userId, user.id);
    assert.equal((await call({})).status(), 401);
    const forged = `${token.slice(0, -4)}AAAA`;
    assert.equal((await call({ authorization: `Bearer ${forged}` })).status(), 401);
  });

  const cookie = (name, value) => async () => {
    const all = await browser.cookies(app.url);
    await browser.context.addCookies(all.filter(each => name.test(each.name)).map(each => ({ ...each, value: value() })));
  };
  const without = name => () => browser.context.clearCookies({ name });
  const states = {
    'without any cookie of the page': async () => {
      for (const name of [/^__session/, /^__client_uat/, /^__clerk/]) await browser.context.clearCookies({ name });
    },
    'without a session token': without(/^__session/),
    'without the time of sign-in': without(/^__client_uat/),
    'without a development browser': without(/^__clerk_db_jwt/),
    'with a time of sign-in ahead of the token': cookie(/^__client_uat/, () => String(Math.floor(Date.now() / 1000) + 30)),
    'with a development browser nobody knows': cookie(/^__clerk_db_jwt/, () => 'dvb_unknown'),
  };
  for (const [name, change] of Object.entries(states)) {
    test(`${name} the visit ends signed in`, async () => {
      await change();
      assert.equal((await rendered()).userId, user.id);
      assert.equal((await rendered()).redirects, 0, 'the cookies are mended');
    });
  }

  test('a session token that is none: rendered for nobody at once, and mended by the page', async () => {
    await cookie(/^__session/, () => 'not.a.token')();
    const { userId, redirects } = await rendered();
    assert.deepEqual([userId, redirects], [null, 0], 'the SDK asks nobody about what it cannot read');
    await browser.visit(app.url);
    assert.equal((await rendered()).userId, user.id);
  });

  test('the forged answer to a handshake signs nobody in, and the visit ends', async () => {
    const before = app.renders;
    const forged = await browser.page.goto(`${app.url}/rendered?__clerk_handshake=eyJhbGciOiJub25lIn0.e30.`);
    assert.ok(forged.status() >= 400, 'the SDK refuses it');
    assert.equal(app.renders, before);
    assert.equal((await rendered()).userId, user.id);
  });

  test('a session that the back end revokes is rendered for nobody after its token', async () => {
    await server.backend('POST', `/sessions/${sessionId}/revoke`);
    await browser.context.clearCookies({ name: /^__session/ }); // as when the token has run out
    const found = await rendered();
    assert.equal(found.userId, null);
    const again = await rendered();
    assert.deepEqual([again.userId, again.redirects], [null, 0]);
  });
});
