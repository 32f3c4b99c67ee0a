// The published components, loaded by the published loaders from the instance
// that the key names, and used as a person uses them.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Browser } from './harness/browser.mjs';
import { ReactApp } from './harness/react-app.mjs';
import { Server } from './harness/server.mjs';

const ADA = 'ada@example.com';
const GRACE = 'grace@example.com';
const PASSWORD = 'correct horse battery 9';
// A busy machine takes its time over a megabyte of script.
const LIMIT = 60_000;

describe('@clerk/ui 1.36.0 and clerk-js 6.40.0 from the instance', () => {
  let server, app, browser, page;
  const scripts = [];

  before(async () => {
    server = await Server.start();
    app = await ReactApp.serve(server, 'components');
    browser = await Browser.open(path.join(server.folder, 'profile'));
    page = browser.page;
    page.setDefaultTimeout(LIMIT);
    page.on('request', request => request.resourceType() === 'script' && scripts.push(new URL(request.url())));
  });
  after(async () => {
    await browser?.close();
    await app?.close();
    await server?.stop();
  });

  const next = () => page.locator('.cl-formButtonPrimary').click();
  const button = name => page.getByRole('button', { name, exact: true });
  const item = name => page.getByText(name, { exact: true }).first();
  const enterCode = async to => page.locator('input[autocomplete=one-time-code]').first().pressSequentially(await server.code(to));
  /** Waits for a place of the page; a failure tells what the page shows. */
  async function shows(place) {
    const locator = typeof place === 'string' ? page.locator(place) : place;
    try {
      await locator.first().waitFor();
    } catch (error) {
      const body = await page.locator('body').innerText();
      throw new Error(`never shown; the page says\n${body}\n${browser.log.slice(-10).join('\n')}`, { cause: error });
    }
  }
  async function signOut() {
    await page.goto(app.url);
    await page.locator('.cl-userButtonTrigger').click();
    await item('Sign out').click();
    await shows(page.getByRole('link', { name: 'Sign in' }));
  }

  test('without the scripts the answer names the command that brings them; with them it needs no restart', async () => {
    const selector = `${server.url}/npm/@clerk/ui@1/dist/ui.browser.js`;
    const missing = await fetch(selector);
    assert.equal(missing.status, 404);
    assert.equal(missing.headers.get('content-type'), 'application/json');
    const { errors } = await missing.json();
    assert.equal(errors[0].code, 'assets_missing');
    assert.equal(errors[0].meta.command, 'perennial assets sync @clerk/ui@1');
    await server.addAssets();
    const answer = await fetch(selector);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('cache-control'), 'public, max-age=300');
    const exact = await fetch(`${server.url}/npm/@clerk/clerk-js@6.40.0/dist/clerk.browser.js`);
    assert.match(exact.headers.get('cache-control'), /immutable/);
  });

  test('<SignUp/>: by email and the code from the inbox', async () => {
    await page.goto(`${app.url}/sign-up`);
    await page.locator('input[name=emailAddress]').fill(ADA);
    await next();
    await enterCode(ADA);
    await shows('.cl-userButtonTrigger');
  });

  test('<UserButton/> opens <UserProfile/>: a name and a password', async () => {
    await page.locator('.cl-userButtonTrigger').click();
    await item('Manage account').click();
    await button('Update profile').click();
    await page.locator('input[name=firstName]').fill('Ada');
    await page.locator('input[name=lastName]').fill('Lovelace');
    await button('Save').click();
    await shows(page.getByText('Ada Lovelace'));
    await button('Security').click();
    await button('Set password').click();
    await page.locator('input[name=newPassword]').fill(PASSWORD);
    await page.locator('input[name=confirmPassword]').fill(PASSWORD);
    await button('Save').click();
    await shows(button('Update password'));
    const [user] = await server.backend('GET', `/users?email_address=${ADA}`);
    assert.deepEqual([user.first_name, user.last_name, user.password_enabled], ['Ada', 'Lovelace', true]);
  });

  test('<OrganizationSwitcher/> creates an organization and invites somebody', async () => {
    await page.goto(app.url);
    await page.locator('.cl-organizationSwitcherTrigger').click();
    await item('Create organization').click();
    await page.locator('input[name=name]').fill('Acme Works');
    await button('Create organization').click();
    await page.locator('.cl-tagInputContainer input, textarea, input[name=emailAddress]').first().fill(`${GRACE},`);
    await button('Send invitations').click();
    await shows(page.getByText('Invitations successfully sent'));
    await page.keyboard.press('Escape');
    await page.goto(app.url);
    await shows(page.locator('.cl-organizationSwitcherTrigger', { hasText: 'Acme Works' }));
    const { data } = await server.backend('GET', '/organizations?include_members_count=true');
    assert.deepEqual([data[0].name, data[0].members_count], ['Acme Works', 1]);
  });

  test('<OrganizationProfile/> and <UserProfile/> as pages', async () => {
    await page.goto(`${app.url}/organization`);
    await button('Members').click();
    await shows(page.getByText(ADA));
    await page.goto(`${app.url}/user`);
    await shows(page.getByText('Profile details'));
  });

  test('<SignIn/>: a wrong password is told, the right one signs in', async () => {
    await signOut();
    await page.goto(`${app.url}/sign-in`);
    await page.locator('input[name=identifier]').fill(ADA);
    await next();
    await page.locator('input[name=password]').fill('not the password 1');
    await next();
    await shows('.cl-formFieldErrorText');
    await page.locator('input[name=password]').fill(PASSWORD);
    await next();
    await shows('.cl-userButtonTrigger');
  });

  test('<SignIn/>: by another method, a code from the inbox', async () => {
    await signOut();
    await page.goto(`${app.url}/sign-in`);
    await page.locator('input[name=identifier]').fill(ADA);
    await next();
    await page.getByText('Use another method').click();
    await page.getByText(`Email code to ${ADA}`).click();
    await enterCode(ADA);
    await shows('.cl-userButtonTrigger');
  });

  test('every script came from the application or the instance', () => {
    // A worker made of a script that is there already has the application's origin.
    const own = new Set([new URL(app.url).origin, new URL(server.tlsUrl).origin]);
    assert.deepEqual(scripts.filter(({ origin }) => !own.has(origin)).map(String), []);
    assert.ok(scripts.some(({ pathname }) => /^\/npm\/@clerk\/clerk-js@6\//.test(pathname)), 'the loader asks by major version');
    assert.ok(scripts.some(({ pathname }) => /^\/npm\/@clerk\/ui@1\.36\.0\//.test(pathname)), 'the scripts ask for their parts by version');
  });
});
