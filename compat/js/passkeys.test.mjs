// Passkeys of clerk-js in Chromium, with its virtual authenticator: what the
// browser does with the options of the server, and the server with the answers.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Browser } from './harness/browser.mjs';
import { Page } from './harness/page.mjs';
import { Server } from './harness/server.mjs';
import { totp } from './harness/totp.mjs';

const EMAIL = 'ada@example.com';
const PASSWORD = 'correct horse battery 9';

// An address is no relying party: pages and server go by a name.
const named = url => url.replace('127.0.0.1', 'localhost');

/** clerk-js offers passkeys to people only: neither to what calls itself
 * headless nor to what is steered. */
async function likeAPerson(browser) {
  const session = await browser.context.newCDPSession(browser.page);
  const userAgent = (await browser.run(() => navigator.userAgent)).replace('Headless', '');
  await session.send('Emulation.setUserAgentOverride', { userAgent });
  await browser.context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => false });
  });
}

/** A platform authenticator with keys that it can find by itself. */
async function authenticator(browser, options = {}) {
  const session = await browser.context.newCDPSession(browser.page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      ...options,
    },
  });
  return {
    credentials: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    unlocked: isUserVerified => session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    add: credential => session.send('WebAuthn.addCredential', { authenticatorId, credential }),
    clear: () => session.send('WebAuthn.clearCredentials', { authenticatorId }),
  };
}

/** Signs out whoever is signed in. */
async function signedOut(browser) {
  if (await browser.run(() => Boolean(window.Clerk.session))) await browser.signOut();
}

/** Signs in by a passkey in the page and says how it ended. */
async function signIn(browser, flow, identifier) {
  return browser.run(
    async ({ flow, identifier }) => {
      let attempt = window.Clerk.client.signIn;
      try {
        if (identifier) attempt = await attempt.create({ identifier });
        attempt = await attempt.authenticateWithPasskey(flow ? { flow } : undefined);
      } catch (error) {
        return { error: error.errors?.[0]?.code ?? error.code ?? String(error) };
      }
      await window.Clerk.setActive({ session: attempt.createdSessionId });
      return { status: attempt.status, userId: window.Clerk.user?.id, passkey: window.Clerk.user?.passkeys[0]?.lastUsedAt !== null };
    },
    { flow, identifier },
  );
}

describe('passkeys of clerk-js 6.40.0 in Chromium', () => {
  let server, page, browser, device, userId;

  before(async () => {
    server = await Server.start({ settings: { passkeys: { enabled: true } } });
    page = await Page.serve({ publishableKey: server.publishableKey, proxyUrl: named(server.url) });
    browser = await Browser.open(path.join(server.folder, 'profile'));
    await likeAPerson(browser);
    device = await authenticator(browser);
    await browser.visit(named(page.url));
    await browser.run(
      async ({ emailAddress, password }) => {
        const { signUp } = window.Clerk.client;
        await signUp.create({ emailAddress, password });
        await signUp.prepareEmailAddressVerification({ strategy: 'email_code' });
      },
      { emailAddress: EMAIL, password: PASSWORD },
    );
    userId = await browser.run(async code => {
      const complete = await window.Clerk.client.signUp.attemptEmailAddressVerification({ code });
      await window.Clerk.setActive({ session: complete.createdSessionId });
      return window.Clerk.user.id;
    }, await server.code(EMAIL));
  });
  after(async () => {
    await browser?.close();
    await page?.close();
    await server?.stop();
  });

  test('the environment offers them', async () => {
    const offered = await browser.run(() => {
      const { userSettings } = window.Clerk.__internal_environment ?? window.Clerk.__unstable__environment;
      return { attribute: userSettings.attributes.passkey.enabled, settings: userSettings.passkeySettings };
    });
    assert.equal(offered.attribute, true);
    assert.equal(offered.settings.allow_autofill, true);
    assert.equal(offered.settings.show_sign_in_button, true);
  });

  test('one is registered, named and shown', async () => {
    const passkey = await browser.run(async () => {
      const made = await window.Clerk.user.createPasskey();
      await made.update({ name: 'laptop' });
      await window.Clerk.user.reload();
      const [shown] = window.Clerk.user.passkeys;
      return { id: made.id, status: made.verification.status, shown: shown.id, name: shown.name, used: shown.lastUsedAt };
    });
    assert.equal(passkey.status, 'verified');
    assert.deepEqual([passkey.shown, passkey.name, passkey.used], [passkey.id, 'laptop', null]);
    assert.equal((await device.credentials()).length, 1);
  });

  test('the same authenticator is not registered twice', async () => {
    const code = await browser.run(() => window.Clerk.user.createPasskey().then(() => 'registered', error => error.code));
    assert.equal(code, 'passkey_already_exists');
  });

  for (const [name, flow, identifier] of [
    ['with no identifier', 'discoverable'],
    ['with the identifier first', undefined, EMAIL],
    ['from what the browser suggests in the form', 'autofill'],
  ]) {
    test(`signs in ${name}`, async () => {
      await signedOut(browser);
      assert.deepEqual(await signIn(browser, flow, identifier), { status: 'complete', userId, passkey: true });
    });
  }

  test('a copy of the key is found out by its counter', async () => {
    const [stolen] = await device.credentials();
    await signedOut(browser);
    assert.equal((await signIn(browser, 'discoverable')).status, 'complete');
    await signedOut(browser);
    const [current] = await device.credentials();
    assert.ok(current.signCount > stolen.signCount);
    await device.clear();
    await device.add({ ...stolen, signCount: 0 });
    assert.deepEqual(await signIn(browser, 'discoverable'), { error: 'passkey_authentication_failure' });
    await device.clear();
    await device.add(current);
    assert.equal((await signIn(browser, 'discoverable')).status, 'complete');
  });

  test('an authenticator that nobody unlocked proves nothing', async () => {
    await signedOut(browser);
    await device.unlocked(false);
    const { error } = await signIn(browser, 'discoverable');
    assert.equal(error, 'passkey_retrieval_cancelled');
    await device.unlocked(true);
    assert.equal((await signIn(browser, 'discoverable')).status, 'complete');
  });

  test('stands for both factors, and the session says so', async () => {
    const secret = await browser.run(async () => (await window.Clerk.user.createTOTP()).secret);
    await browser.run(code => window.Clerk.user.verifyTOTP({ code }), totp(secret));
    await signedOut(browser);
    assert.equal((await signIn(browser, 'discoverable')).status, 'complete');
    const age = await browser.run(() => window.Clerk.session.factorVerificationAge);
    assert.deepEqual(age, [0, 0]);
  });

  test('proves again who is signed in', async () => {
    const status = await browser.run(async () => {
      await window.Clerk.session.startVerification({ level: 'first_factor' });
      return (await window.Clerk.session.verifyWithPasskey()).status;
    });
    assert.equal(status, 'complete');
  });

  test('one that was removed signs nobody in', async () => {
    await browser.run(async () => {
      await window.Clerk.user.passkeys[0].delete();
      await window.Clerk.user.reload();
    });
    assert.equal(await browser.run(() => window.Clerk.user.passkeys.length), 0);
    await signedOut(browser);
    assert.deepEqual(await signIn(browser, 'discoverable'), { error: 'passkey_not_registered' });
  });
});
