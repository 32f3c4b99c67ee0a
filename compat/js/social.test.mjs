// Signing in with an account elsewhere: clerk-js in Chromium, through a real
// OpenID provider and back.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { createClerkClient } from '@clerk/backend';

import { Browser } from './harness/browser.mjs';
import { Page } from './harness/page.mjs';
import { Provider } from './harness/provider.mjs';
import { Server } from './harness/server.mjs';

const STRATEGY = 'oauth_custom_idp';

// What the page knows after clerk-js has loaded.
const state = () => ({
  sessionId: window.Clerk.session?.id ?? null,
  userId: window.Clerk.user?.id ?? null,
  email: window.Clerk.user?.primaryEmailAddress?.emailAddress ?? null,
  linkedTo: window.Clerk.user?.primaryEmailAddress?.linkedTo.map(link => link.type) ?? [],
  accounts: window.Clerk.user?.externalAccounts.map(account => [account.provider, account.verification.status]) ?? [],
});

describe('clerk-js 6.40.0, Chromium, accounts elsewhere', () => {
  let server, provider, page, browser;

  before(async () => {
    server = await Server.start();
    provider = await Provider.start(server, { ada: 'ada@example.com', grace: 'grace@example.com' });
    page = await Page.serve({ publishableKey: server.publishableKey, proxyUrl: server.base });
    browser = await Browser.open(path.join(server.folder, 'profile'));
  });
  after(async () => {
    await browser?.close();
    await page?.close();
    provider?.stop();
    await server?.stop();
  });

  // Leaves the page for the provider, says yes there, and comes back.
  const through = async (name, leave, argument) => {
    const there = browser.page.waitForURL(`${provider.url}/**`);
    await browser.run(leave, { strategy: STRATEGY, redirectUrl: `${page.url}/?step=callback`, redirectUrlComplete: `${page.url}/?step=done`, ...argument });
    await there;
    const back = browser.page.waitForURL(`${page.url}/**`);
    await browser.page.getByRole('button', { name }).click();
    await back;
    await browser.load();
    return new URL(browser.page.url()).searchParams.get('step');
  };

  // What an application's callback page does.
  const callback = async () => {
    const done = browser.page.waitForURL(url => url.searchParams.get('step') === 'home');
    await browser.run(home => void window.Clerk.handleRedirectCallback({ signInForceRedirectUrl: home, signUpForceRedirectUrl: home }), `${page.url}/?step=home`);
    await done;
    await browser.load();
  };

  const signIn = options => void window.Clerk.client.signIn.authenticateWithRedirect(options);
  const signUp = options => void window.Clerk.client.signUp.authenticateWithRedirect(options);
  let ada;

  test('the environment offers the provider', async () => {
    await browser.visit(page.url);
    const social = await browser.run(() => window.Clerk.__internal_environment.userSettings.socialProviderStrategies);
    assert.deepEqual(social, [STRATEGY]);
  });

  test('sign-up', async () => {
    assert.equal(await through('ada', signUp), 'done');
    ada = await browser.run(state);
    assert.equal(ada.email, 'ada@example.com');
    assert.deepEqual(ada.linkedTo, [STRATEGY]);
    assert.deepEqual(ada.accounts, [['custom_idp', 'verified']]);
  });

  test('sign-out and sign-in', async () => {
    await browser.signOut();
    assert.equal((await browser.run(state)).userId, null);
    assert.equal(await through('ada', signIn), 'done');
    assert.equal((await browser.run(state)).userId, ada.userId);
  });

  test('a sign-in without an account becomes a sign-up', async () => {
    await browser.signOut();
    assert.equal(await through('grace', signIn), 'callback');
    await callback();
    const grace = await browser.run(state);
    assert.equal(grace.email, 'grace@example.com');
    assert.notEqual(grace.userId, ada.userId);
  });

  test('a sign-up with an account becomes a sign-in', async () => {
    await browser.signOut();
    assert.equal(await through('ada', signUp), 'callback');
    await callback();
    assert.equal((await browser.run(state)).userId, ada.userId);
  });

  test('who is signed in already keeps the session', async () => {
    const { sessionId } = await browser.run(state);
    for (const leave of [signIn, signUp]) {
      assert.equal(await through('ada', leave), 'callback');
      await callback();
      assert.equal((await browser.run(state)).sessionId, sessionId);
    }
  });

  test('disconnect and connect', async () => {
    const before = await browser.run(async () => {
      await window.Clerk.user.externalAccounts[0].destroy();
      await window.Clerk.user.reload();
      return window.Clerk.user.externalAccounts.length;
    });
    assert.equal(before, 0);
    const step = await through('ada', async ({ strategy, redirectUrl }) => {
      const account = await window.Clerk.user.createExternalAccount({ strategy, redirectUrl });
      window.location.href = account.verification.externalVerificationRedirectURL.href;
    });
    assert.equal(step, 'callback');
    assert.deepEqual((await browser.run(state)).accounts, [['custom_idp', 'verified']]);
  });

  test('a back end gets the tokens', async () => {
    const { publishableKey, secretKey } = server;
    const clerk = createClerkClient({ publishableKey, secretKey, apiUrl: server.base, telemetry: { disabled: true } });
    const { data, totalCount } = await clerk.users.getUserOauthAccessToken(ada.userId, STRATEGY);
    assert.equal(totalCount, 1);
    assert.equal(data[0].provider, STRATEGY);
    assert.ok(data[0].token.length > 10);
    assert.ok(data[0].scopes.includes('openid'));
  });
});
