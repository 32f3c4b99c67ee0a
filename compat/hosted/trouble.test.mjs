// What people do to pages: going back, sending twice, reloading, many tabs, and
// names that nobody thought of. A page says what is true and goes on.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { account, Instances, PASSWORD } from './instances.mjs';
import { Visitor } from './visitor.mjs';

const TABS = 20;

describe('hosted pages under strain', () => {
  let instances, server, v;
  before(async () => {
    instances = await Instances.start();
    server = await instances.named('plain');
  });
  after(() => instances?.stop());
  beforeEach(async () => (v = await Visitor.arrive(instances.browser, server, { flow: 'strain' })));
  afterEach(() => v.close());

  const identify = async email => {
    await v.open('/sign-in');
    await v.fill('auth.identifier', email);
    await v.press('auth.continue');
  };
  /** Reloads; a browser that has to ask whether to send a form again has been led wrong. */
  const reload = async () => {
    const sent = [];
    const note = request => request.isNavigationRequest() && sent.push(request.method());
    v.page.on('request', note);
    await v.page.reload();
    v.page.off('request', note);
    assert.deepEqual(sent, ['GET']);
  };

  test('reloading at each step shows the same step', async () => {
    const email = v.address('ada');
    await account(server, email);
    await identify(email);
    await reload();
    assert.equal(await v.field('auth.account').inputValue(), email);
    await v.press('auth.forgotten');
    await reload();
    const code = await server.code(email);
    await v.enter('auth.code', code, 'auth.continue');
    await reload();
    await v.fill('auth.new_password', 'another horse battery 9');
    await v.press('auth.reset.save');
    await v.at('/user');
    await reload();
    await v.says('user.heading');
  });

  test('going back after signing in shows who is signed in, and an old form does no harm', async () => {
    const email = v.address('grace');
    await account(server, email);
    await v.signIn(email);
    await v.leave(() => v.page.goBack());
    await v.page.reload();
    await v.says('auth.accounts.as');
    await v.open('/user');
    await v.says('user.heading');
  });

  test('a form that is sent twice is taken once', async () => {
    const email = v.address('joan');
    await account(server, email);
    await identify(email);
    await v.fill('auth.password', PASSWORD);
    await v.control('button', 'auth.sign_in').dblclick();
    await v.at('/user');
    await v.open('/organization/create');
    await v.fill('organization.name', 'Once');
    await v.control('button', 'organization.create.button').dblclick();
    await v.says('organization.said.created');
    await v.open('/organization');
    assert.equal(await v.page.getByRole('link', { name: 'Once', exact: true }).count(), 1);
  });

  test(`${TABS} tabs at once, in which the last one that begins wins`, async () => {
    const email = v.address('edith');
    await account(server, email);
    await identify(email);
    const first = v.page;
    const tabs = await Promise.all(Array.from({ length: TABS - 1 }, () => v.context.newPage()));
    await Promise.all(tabs.map(tab => tab.goto(`${v.base}/sign-in`)));
    for (const tab of tabs) assert.equal(await tab.getByLabel(v.T('auth.account')).inputValue(), email);
    // All of them send the password: one signs in, and the others find that out.
    await Promise.all([first, ...tabs].map(async tab => {
      await tab.getByLabel(v.T('auth.password'), { exact: true }).fill(PASSWORD);
      const answered = tab.waitForEvent('load');
      await tab.getByRole('button', { name: v.T('auth.sign_in'), exact: true }).click();
      await answered;
      assert.doesNotMatch(await tab.locator('main').innerText(), new RegExp(v.T('error.trouble')));
    }));
    await v.open('/user');
    await v.at('/user');
    await v.says('user.heading');
  });

  test('a session that ended elsewhere leads to the sign-in and back', async () => {
    const email = v.address('mary');
    await account(server, email);
    await v.signIn(email);
    await v.open('/user/profile');
    await v.context.clearCookies();
    await v.fill('user.first_name', 'Mary');
    await v.press('user.save');
    await v.at('/sign-in');
    await v.signIn(email, { lands: '/user/profile' });
  });

  const NAMES = {
    'very long': 'Ottoline '.repeat(25).trim(),
    'one long word': 'W'.repeat(200),
    'emoji': '👩🏽‍🚀🏳️‍🌈 Ada ❤️‍🔥',
    'right to left': 'آدا ‮لوفلايس',
    'markup': '<img src=x onerror=alert(1)> & "quoted"',
  };
  for (const [kind, name] of Object.entries(NAMES)) {
    test(`a name that is ${kind}`, async () => {
      const email = v.address('name');
      await account(server, email, { first_name: 'A' });
      await v.signIn(email);
      await v.open('/user/profile');
      await v.fill('user.first_name', name);
      await v.press('user.save');
      // Taken or refused, the page says so, and holds what was entered.
      const said = await v.page.locator('[role=status], [role=alert], [aria-invalid=true] ~ .problem').first().innerText();
      assert.ok(said);
      await v.state(`name ${kind}`);
      await v.open('/user');
      await v.state(`account ${kind}`);
    });
  }
});
