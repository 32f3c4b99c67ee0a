// clerk-js in Chromium with cookies: over TLS by the publishable key alone, and
// over plain http through proxyUrl. The page has an origin of its own.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { createClerkClient } from '@clerk/backend';

import { Browser } from './harness/browser.mjs';
import { claims } from './harness/jwt.mjs';
import { Page } from './harness/page.mjs';
import { Server } from './harness/server.mjs';

const EMAIL = 'ada@example.com';
const PASSWORD = 'correct horse battery 9';

const state = () => ({
  clientId: window.Clerk.client.id,
  sessionId: window.Clerk.session?.id ?? null,
  userId: window.Clerk.user?.id ?? null,
});

const variants = [
  { name: 'https by the key alone', recording: undefined, page: server => ({ certificates: server.folder }) },
  { name: 'http through proxyUrl', recording: 'clerk-js-browser', page: server => ({ proxyUrl: server.base }) },
];

for (const variant of variants) {
  describe(`clerk-js 6.40.0, Chromium, ${variant.name}`, () => {
    let server, page, browser, profile;

    before(async () => {
      server = await Server.start({ recording: variant.recording, sdk: '@clerk/clerk-js 6.40.0 in Chromium' });
      const { publishableKey, secretKey } = server;
      const clerk = createClerkClient({ publishableKey, secretKey, apiUrl: server.base, telemetry: { disabled: true } });
      const { proxyUrl, certificates } = variant.page(server);
      const authenticate = request => clerk.authenticateRequest(request, { proxyUrl });
      page = await Page.serve({ publishableKey, proxyUrl, certificates, authenticate });
      server.recorder?.normaliser.constant('origin', page.url);
      profile = path.join(server.folder, 'profile');
      browser = await Browser.open(profile);
    });
    after(async () => {
      await browser?.close();
      await page?.close();
      await server?.stop();
    });

    let signedUp;

    test('the first visit is signed out', async () => {
      await browser.visit(page.url);
      const first = await browser.run(state);
      assert.equal(first.sessionId, null);
    });

    test('sign-up with email, password and the code from the inbox', async () => {
      const unverified = await browser.run(
        async ({ emailAddress, password }) => {
          const { signUp } = window.Clerk.client;
          await signUp.create({ emailAddress, password });
          const prepared = await signUp.prepareEmailAddressVerification({ strategy: 'email_code' });
          return { status: prepared.status, fields: prepared.unverifiedFields };
        },
        { emailAddress: EMAIL, password: PASSWORD },
      );
      assert.deepEqual(unverified, { status: 'missing_requirements', fields: ['email_address'] });
      signedUp = await browser.run(
        async code => {
          const complete = await window.Clerk.client.signUp.attemptEmailAddressVerification({ code });
          await window.Clerk.setActive({ session: complete.createdSessionId });
          return {
            status: complete.status,
            created: complete.createdSessionId,
            sessionId: window.Clerk.session?.id,
            userId: window.Clerk.user?.id,
          };
        },
        await server.code(EMAIL),
      );
      assert.equal(signedUp.status, 'complete');
      assert.equal(signedUp.sessionId, signedUp.created);
    });

    test('getToken names the session, the user and the page', async () => {
      const token = await browser.run(() => window.Clerk.session.getToken({ skipCache: true }));
      const { payload } = claims(token);
      assert.equal(payload.sid, signedUp.sessionId);
      assert.equal(payload.sub, signedUp.userId);
      assert.equal(payload.azp, page.url);
    });

    test('the client token is out of reach of scripts and lasts', async () => {
      const cookie = (await browser.cookies(server.base)).concat(await browser.cookies(server.tlsUrl)).find(each => each.name === '__client');
      assert.ok(cookie, 'the server must set __client');
      assert.equal(cookie.httpOnly, true);
      assert.ok(cookie.expires > Date.now() / 1000 + 7 * 86400, 'a session cookie would end with the browser');
      assert.ok(!(await browser.run(() => document.cookie)).includes('__client='));
    });

    test('a page reload keeps the session', async () => {
      await browser.reload();
      const restored = await browser.run(state);
      assert.equal(restored.sessionId, signedUp.sessionId);
      assert.equal(restored.userId, signedUp.userId);
      assert.ok(await browser.run(() => window.Clerk.session.getToken({ skipCache: true })));
    });

    test('a browser restart keeps the session', async () => {
      await browser.close();
      browser = await Browser.open(profile);
      await browser.visit(page.url);
      assert.equal((await browser.run(state)).sessionId, signedUp.sessionId);
      assert.ok(await browser.run(() => window.Clerk.session.getToken({ skipCache: true })));
    });

    test('a server restart keeps the session', async () => {
      await server.restart();
      await browser.reload();
      assert.equal((await browser.run(state)).sessionId, signedUp.sessionId);
    });

    test('sign-out, also after a reload', async () => {
      await browser.signOut();
      assert.equal((await browser.run(state)).sessionId, null);
      await browser.visit(page.url);
      assert.equal((await browser.run(state)).sessionId, null);
    });

    test('a wrong password is an answer the page can read', async () => {
      const codes = await browser.run(
        ({ identifier, password }) =>
          window.Clerk.client.signIn.create({ identifier, password }).then(
            () => 'accepted',
            error => error.errors?.map(each => each.code) ?? String(error),
          ),
        { identifier: EMAIL, password: 'not the password 1' },
      );
      assert.deepEqual(codes, ['form_password_incorrect']);
    });

    test('sign-in with password, kept over a reload', async () => {
      const signedIn = await browser.run(
        async ({ identifier, password }) => {
          const attempt = await window.Clerk.client.signIn.create({ identifier, password });
          await window.Clerk.setActive({ session: attempt.createdSessionId });
          return { sessionId: window.Clerk.session.id, userId: window.Clerk.user.id };
        },
        { identifier: EMAIL, password: PASSWORD },
      );
      assert.equal(signedIn.userId, signedUp.userId);
      assert.notEqual(signedIn.sessionId, signedUp.sessionId);
      await browser.reload();
      assert.equal((await browser.run(state)).sessionId, signedIn.sessionId);
    });

    test('a document of a back end is signed in by handshake, then by cookies', async () => {
      const { userId, sessionId } = await browser.run(state);
      // What the page's own scripts keep is gone; the server knows the browser.
      for (const name of [/^__session/, /^__client_uat/, /^__clerk_db_jwt/]) await browser.context.clearCookies({ name });
      const { status, reason, ...who } = await browser.document(`${page.url}/protected`);
      assert.equal(status, 'signed-in', reason);
      assert.deepEqual(who, { userId, sessionId });
      assert.equal((await browser.document(`${page.url}/protected`)).status, 'signed-in');
      await browser.visit(page.url);
      assert.equal((await browser.run(state)).sessionId, sessionId);
    });

    test('sign-out in one tab reaches the other', async () => {
      const tab = await browser.tab();
      await tab.visit(page.url);
      assert.ok((await tab.run(state)).sessionId, 'tabs share the session');
      await browser.signOut();
      await tab.page.waitForFunction(() => window.Clerk?.loaded && !window.Clerk.session);
      await tab.page.close();
      const { status, reason } = await browser.document(`${page.url}/protected`);
      assert.equal(status, 'signed-out', reason);
      await browser.visit(page.url);
    });

    test('sign-in with an email code', async () => {
      await browser.run(async identifier => {
        const { signIn } = window.Clerk.client;
        await signIn.create({ identifier });
        const factor = signIn.supportedFirstFactors.find(each => each.strategy === 'email_code');
        await signIn.prepareFirstFactor({ strategy: 'email_code', emailAddressId: factor.emailAddressId });
      }, EMAIL);
      const userId = await browser.run(
        async code => {
          const attempt = await window.Clerk.client.signIn.attemptFirstFactor({ strategy: 'email_code', code });
          await window.Clerk.setActive({ session: attempt.createdSessionId });
          return window.Clerk.user.id;
        },
        await server.code(EMAIL),
      );
      assert.equal(userId, signedUp.userId);
    });
  });
}
