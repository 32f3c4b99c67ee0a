// A person in front of the hosted pages, in a browser profile of their own.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';

import { overflow, violations } from './audit.mjs';
import { PASSWORD } from './instances.mjs';
import { words } from './words.mjs';

// A limit for a page that never comes; a busy machine takes its time.
const LIMIT = 30_000;
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 320, height: 640 };
const pictures = process.env.PERENNIAL_SCREENSHOTS;
if (pictures) mkdirSync(pictures, { recursive: true });

let people = 0;

export class Visitor {
  /** Opens an empty profile. `flow` names the pictures; without `script` the
   * browser runs none. */
  static async arrive(browser, server, { flow, script = true, language = 'en' }) {
    const visitor = new Visitor();
    Object.assign(visitor, { browser, server, flow, script, base: server.url, complaints: [], T: words(language) });
    visitor.context = await browser.newContext({
      javaScriptEnabled: script, locale: language, timezoneId: 'UTC', viewport: DESKTOP, reducedMotion: 'reduce',
    });
    visitor.context.setDefaultTimeout(LIMIT);
    await visitor.use(await visitor.context.newPage());
    return visitor;
  }

  /** Goes on in a page of the same profile. */
  async use(page) {
    this.page = page;
    this.session = await this.context.newCDPSession(page);
    const complain = what => this.complaints.push(`${page.url()}: ${what}`);
    // A document that is refused has a status of its own, which Chromium calls
    // an error. Everything else that it has to say is one.
    page.on('console', message => {
      const answered = /^Failed to load resource: the server responded/.test(message.text());
      if (['error', 'warning'].includes(message.type()) && !answered) complain(message.text());
    });
    page.on('pageerror', complain);
    page.on('requestfailed', request => {
      // What a document had not loaded yet is dropped when another takes its place.
      const why = request.failure()?.errorText;
      if (!request.isNavigationRequest() && why !== 'net::ERR_ABORTED') complain(`${request.url()} ${why}`);
    });
    page.on('response', answer => {
      const least = answer.request().isNavigationRequest() ? 500 : 400;
      if (answer.status() >= least) complain(`${answer.url()} answered ${answer.status()}`);
    });
  }

  /** An address that nobody else has. */
  address(name) {
    return `${name}${++people}@example.com`;
  }

  /** A phone number that nobody else has. */
  number() {
    return `+1212555${String(++people + 2000).slice(-4)}`;
  }

  /** Somebody else's browser, or another one of the same person. */
  async another() {
    const { browser, server, flow, script } = this;
    return Visitor.arrive(browser, server, { flow, script });
  }

  /** Reads another language from now on. */
  speak(language) {
    this.T = words(language);
  }

  /** The link of the newest mail to an address. */
  async link(to) {
    return this.server.message(to, message => message.link);
  }

  async open(route) {
    return this.page.goto(new URL(route, this.base).href);
  }

  /** Presses the button that says this, which leads to another document. */
  async press(key, values) {
    await this.leave(() => this.control('button', key, values).click());
  }

  /** Follows the link that says this. */
  async follow(key, values) {
    await this.leave(() => this.control('link', key, values).click());
  }

  control(role, key, values) {
    return this.page.getByRole(role, { name: this.T(key, values), exact: true }).first();
  }

  /** Presses the button that says this and more. */
  async choose(key, values) {
    await this.leave(() => this.page.getByRole('button', { name: this.T(key, values) }).first().click());
  }

  /** Opens what is folded away behind this. */
  async unfold(key, values) {
    await this.page.locator('summary').filter({ hasText: this.T(key, values) }).first().click();
  }

  /** Does what leads to another document, and waits for that. */
  async leave(act) {
    const loaded = this.page.waitForEvent('load');
    loaded.catch(() => {});
    await act();
    await loaded;
  }

  field(key, values) {
    return this.page.getByLabel(this.T(key, values), { exact: true }).first();
  }

  async fill(key, text) {
    await this.field(key).fill(text);
  }

  /** Enters a code. With script the form of some is sent when it is complete. */
  async enter(field, code, button) {
    const input = this.field(field);
    const sends = this.script && (await input.getAttribute('data-code')) !== null;
    await this.leave(async () => {
      await input.fill(code);
      if (!sends) await this.control('button', button).click();
    });
  }

  /** Fails unless the page says this. */
  async says(key, values) {
    await this.shows(this.T(key, values));
  }

  async shows(text) {
    try {
      await this.page.getByText(text).first().waitFor();
    } catch (error) {
      throw new Error(`never said ${text}; ${this.page.url()} says\n${await this.page.locator('body').innerText()}`, { cause: error });
    }
  }

  /** Waits until the browser is on a page. */
  async at(route) {
    const there = url => (route instanceof RegExp ? route.test(url.pathname) : url.pathname === route);
    try {
      await this.page.waitForURL(there);
    } catch (error) {
      throw new Error(`never at ${route}; ${this.page.url()} says\n${await this.page.locator('body').innerText()}`, { cause: error });
    }
  }

  /** Signs an account in that has the password of the tests. */
  async signIn(email, { lands = '/user' } = {}) {
    if (!this.page.url().includes('/sign-in')) await this.open('/sign-in');
    await this.fill('auth.identifier', email);
    await this.press('auth.continue');
    await this.fill('auth.password', PASSWORD);
    await this.press('auth.sign_in');
    if (lands) await this.at(lands);
  }

  /** Gives the device a place for passkeys. What is returned says whether its owner unlocks it. */
  async authenticator() {
    await this.session.send('WebAuthn.enable');
    const { authenticatorId } = await this.session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return isUserVerified => this.session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
  }

  /** Checks the page as it stands, in light and dark, wide and narrow, and keeps
   * pictures of it. */
  async state(name) {
    const { page, session, script } = this;
    await page.waitForLoadState('load');
    const found = [];
    for (const scheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: scheme });
      const wrong = await violations(session, { script, colours: scheme === 'dark' });
      found.push(...wrong.map(each => `${scheme}: ${each}`));
      await this.picture(name, scheme);
    }
    await page.setViewportSize(PHONE);
    found.push(...(await overflow(session)));
    await this.picture(name, 'narrow');
    await page.setViewportSize(DESKTOP);
    await page.emulateMedia({ colorScheme: 'light' });
    for (const each of found) this.complaints.push(`${name}, ${page.url()}: ${each}`);
  }

  async picture(name, look) {
    if (!pictures) return;
    const file = [this.flow, name, this.script ? 'script' : 'plain', look].join('.').replaceAll(/[^a-z0-9.-]+/gi, '-');
    await this.page.screenshot({ path: path.join(pictures, `${file}.png`), fullPage: true });
  }

  /** Leaves, and fails with all that was wrong on the way. */
  async close() {
    await this.context.close();
    assert.deepEqual(this.complaints, [], this.flow);
  }
}
