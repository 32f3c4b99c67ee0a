// Headless Chromium with a profile on disk, so that it can be closed and opened
// again as a person does.
import { chromium } from 'playwright-core';

// The sandbox needs rights that root and many containers lack; the pages here
// are the tests' own.
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

export class Browser {
  static async open(profile) {
    const browser = new Browser();
    browser.context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      headless: true,
      // The authority is the server's own and new each time; that it signs for
      // the server is checked by the native tests.
      ignoreHTTPSErrors: true,
      // clerk-js sends both; recordings must not depend on the machine.
      locale: 'en-US',
      timezoneId: 'UTC',
      args: ARGUMENTS,
    });
    return browser.watch(browser.context.pages()[0] ?? (await browser.context.newPage()));
  }

  /** Another tab of the same browser. */
  async tab() {
    const tab = new Browser();
    tab.context = this.context;
    return tab.watch(await this.context.newPage());
  }

  watch(page) {
    this.page = page;
    this.log = [];
    page.on('console', message => this.log.push(message.text()));
    page.on('pageerror', error => this.log.push(String(error)));
    page.on('requestfailed', request => this.log.push(`${request.url()} ${request.failure()?.errorText}`));
    return this;
  }

  /** Opens the app and waits until clerk-js has loaded. */
  async visit(url) {
    await this.page.goto(url);
    await this.load();
  }

  /** Opens a document that is JSON, following where it leads. */
  async document(url) {
    return JSON.parse(await (await this.page.goto(url)).text());
  }

  async reload() {
    await this.page.reload();
    await this.load();
  }

  async load() {
    await this.run(() => window.Clerk.load({ telemetry: false }));
  }

  /** Signs out, which ends with a navigation to the page for signed-out visitors. */
  async signOut() {
    const arrived = this.page.waitForEvent('load');
    await this.run(() => void window.Clerk.signOut());
    await arrived;
    await this.load();
  }

  /** Runs code in the page; a failure tells what the page said. */
  async run(code, argument) {
    try {
      return await this.page.evaluate(code, argument);
    } catch (error) {
      throw new Error(`${error.message}\npage: ${this.log.slice(-10).join('\n')}`, { cause: error });
    }
  }

  async cookies(url) {
    return this.context.cookies(url);
  }

  async close() {
    await this.context.close();
  }
}
