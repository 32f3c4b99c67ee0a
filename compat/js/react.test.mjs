// A React application built by Vite, used as a person uses it: by its forms.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Browser } from './harness/browser.mjs';
import { ReactApp } from './harness/react-app.mjs';
import { Server } from './harness/server.mjs';
import { totp } from './harness/totp.mjs';

const ADA = 'ada@example.com';
const GRACE = 'grace@example.com';
const PASSWORD = 'correct horse battery 9';

describe('@clerk/react 6.18.0 in a Vite app', () => {
  let server, app, browser;

  before(async () => {
    server = await Server.start();
    app = await ReactApp.serve(server);
    browser = await Browser.open(path.join(server.folder, 'profile'));
    await open(app.url);
  });
  after(async () => {
    await browser?.close();
    await app?.close();
    await server?.stop();
  });

  async function open(url) {
    await browser.page.goto(url);
    await shows('#status', 'ready');
  }
  /** Fills a form in and sends it. */
  async function submit(id, fields) {
    for (const [name, value] of Object.entries(fields)) await browser.page.locator(`#${id} [name=${name}]`).fill(value);
    await browser.page.locator(`#${id} button`).click();
  }
  /** Waits until a place of the page says this. */
  async function shows(place, text) {
    try {
      await browser.page.locator(place).filter({ hasText: text }).first().waitFor({ timeout: 30_000 });
    } catch (error) {
      const body = await browser.page.locator('body').innerText();
      throw new Error(`${place} never said ${text}; the page says\n${body}\n${browser.log.slice(-10).join('\n')}`, { cause: error });
    }
  }
  const text = place => browser.page.locator(place).first().innerText();

  test('a person signs up with email, password and the code', async () => {
    await submit('sign-up', { emailAddress: ADA, password: 'password123' });
    await shows('#sign-up .refused', 'form_password_pwned');
    await submit('sign-up', { emailAddress: ADA, password: PASSWORD });
    await shows('#sign-up-status', 'missing_requirements');
    await submit('sign-up-code', { code: await server.code(ADA) });
    await shows('#email', ADA);
    await open(app.url);
    await shows('#email', ADA);
  });

  let secret, backupCodes;
  test('an authenticator app becomes the second factor', async () => {
    await browser.page.locator('#totp').click();
    await shows('#secret', /[A-Z2-7]{16}/);
    secret = await text('#secret');
    await submit('totp-code', { code: totp(secret, -1) });
    await shows('#two-factor', 'true');
    await shows('#backup-codes', /\w+ \w+/);
    backupCodes = (await text('#backup-codes')).split(' ');
    await browser.page.locator('#sign-out').click();
    await browser.page.locator('#sign-in').waitFor();
  });

  test('sign-in asks for it; a wrong code is refused in the form', async () => {
    await submit('sign-in', { identifier: ADA, password: 'not the password 1' });
    await shows('#sign-in .refused', 'form_password_incorrect');
    await submit('sign-in', { identifier: ADA, password: PASSWORD });
    await shows('#sign-in-status', 'needs_second_factor');
    await submit('second-factor', { code: '000000' });
    await shows('#second-factor .refused', 'form_code_incorrect');
    await submit('second-factor', { code: totp(secret) });
    await shows('#email', ADA);
    await browser.page.locator('#sign-out').click();
    await browser.page.locator('#sign-in').waitFor();
    await submit('sign-in', { identifier: ADA, password: PASSWORD });
    await shows('#sign-in-status', 'needs_second_factor');
    await submit('backup-code', { code: backupCodes[0] });
    await shows('#email', ADA);
  });

  test('an organization is created, acted in, and somebody is invited', async () => {
    assert.equal(await text('#acting'), 'alone');
    await submit('create-organization', { name: 'Acme Works' });
    await shows('#organization', 'Acme Works');
    await shows('#acting', /^org_\w+ org:admin$/);
    await shows('#members', `${ADA} org:admin`);
    await submit('invite', { emailAddress: GRACE });
    await shows('#invited', GRACE);
    await browser.page.locator('#alone').click();
    await shows('#acting', 'alone');
    await browser.page.locator('#memberships button', { hasText: 'Acme Works' }).click();
    await shows('#acting', 'org:admin');
  });

  test('a second person signs up in the same browser, by code alone, and accepts', async () => {
    await server.backend('POST', '/users', { email_address: [GRACE], password: PASSWORD });
    await open(`${app.url}/?add`);
    await submit('sign-in-mail', { emailAddress: GRACE });
    await shows('#sign-in-status', 'needs_first_factor');
    await submit('sign-in-code', { code: await server.code(GRACE) });
    await shows('#email', GRACE);
    await open(app.url);
    await shows('#email', GRACE);
    await browser.page.locator('#invitations button', { hasText: 'Acme Works' }).click();
    await browser.page.locator('#memberships button', { hasText: 'Acme Works' }).click();
    await shows('#acting', 'org:member');
  });

  test('both sessions live in the browser: switching, and signing out of one', async () => {
    const grace = await text('#session');
    await browser.page.locator('#sessions button', { hasText: ADA }).click();
    await shows('#email', ADA);
    assert.notEqual(await text('#session'), grace);
    await browser.page.locator('#sign-out').click();
    await shows('#email', GRACE);
    assert.equal(await text('#session'), grace);
    await open(app.url);
    await shows('#email', GRACE);
    assert.equal(await browser.page.locator('#sessions button').count(), 0);
  });
});
