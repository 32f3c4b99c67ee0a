// End-to-end tests as integrators write them with @clerk/testing: a testing
// token in each request, test addresses, and no mail.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { clerk, clerkSetup, setupClerkTestingToken } from '@clerk/testing/playwright';

import { Browser } from './harness/browser.mjs';
import { Page } from './harness/page.mjs';
import { Server } from './harness/server.mjs';

const EMAIL = 'ada+clerk_test@example.com';
const PASSWORD = 'correct horse battery 9';

describe('@clerk/testing 2.2.36', () => {
  let server, page, browser, user;

  before(async () => {
    server = await Server.start();
    const { publishableKey, secretKey } = server;
    await clerkSetup({ publishableKey, secretKey, apiUrl: server.url, dotenv: false });
    page = await Page.serve({ publishableKey, certificates: server.folder });
    user = await server.backend('POST', '/users', { email_address: [EMAIL], password: PASSWORD });
    browser = await Browser.open(path.join(server.folder, 'profile'));
    await setupClerkTestingToken({ context: browser.context });
  });
  after(async () => {
    await browser?.close();
    await page?.close();
    await server?.stop();
    delete process.env.CLERK_FAPI;
    delete process.env.CLERK_TESTING_TOKEN;
  });

  const signedIn = () => browser.run(() => window.Clerk.user?.id ?? null);

  test('the set-up has a testing token and knows the host', () => {
    assert.equal(process.env.CLERK_FAPI, new URL(server.tlsUrl).host);
    assert.ok(process.env.CLERK_TESTING_TOKEN.length >= 20);
  });

  const ways = {
    'a password': () => ({ strategy: 'password', identifier: EMAIL, password: PASSWORD }),
    'the code of test addresses': () => ({ strategy: 'email_code', identifier: EMAIL }),
    'a sign-in token': async () => {
      const { token } = await server.backend('POST', '/sign_in_tokens', { user_id: user.id });
      return { strategy: 'ticket', ticket: token };
    },
  };
  for (const [name, params] of Object.entries(ways)) {
    test(`signs in by ${name} and out`, async () => {
      await browser.visit(page.url);
      await clerk.signIn({ page: browser.page, signInParams: await params() });
      await browser.page.waitForFunction(() => window.Clerk.user);
      assert.equal(await signedIn(), user.id);
      const left = browser.page.waitForEvent('load');
      await Promise.all([left, clerk.signOut({ page: browser.page }).catch(() => {})]); // the page goes while it answers
      await browser.load();
      assert.equal(await signedIn(), null);
    });
  }

  test('no mail was sent to a test address', async () => {
    const inbox = await (await fetch(`${server.inboxUrl}?to=${encodeURIComponent(EMAIL)}`)).json();
    assert.deepEqual(inbox, []);
  });
});
