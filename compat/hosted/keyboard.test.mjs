// The main flows by keyboard alone, as somebody goes through them who cannot
// use a pointer: what has the focus can be seen, and is where the next step is.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { account, Instances, PASSWORD } from './instances.mjs';
import { Visitor } from './visitor.mjs';

describe('hosted pages by keyboard', () => {
  let instances, v;
  before(async () => {
    instances = await Instances.start();
    v = await Visitor.arrive(instances.browser, await instances.named('plain'), { flow: 'keyboard' });
  });
  after(async () => {
    try {
      await v?.close();
    } finally {
      await instances?.stop();
    }
  });

  /** What has the focus: its label or text, and whether that can be seen. */
  const focus = () => v.page.evaluate(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    return {
      is: element.labels?.[0]?.textContent ?? element.textContent.trim(),
      visible: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
      invalid: element.getAttribute('aria-invalid'),
      described: (element.getAttribute('aria-describedby') ?? '').split(' ').map(id => document.getElementById(id)?.textContent ?? '').join(' '),
    };
  });
  /** Goes on by the tabulator until something has the focus; what was passed can be seen, too. */
  const tabTo = async text => {
    const passed = [];
    for (let stops = 0; stops < 40; stops++) {
      const now = await focus();
      if (now.is === text) {
        assert.ok(now.visible, `the focus on ${text} cannot be seen`);
        return;
      }
      passed.push(now);
      await v.page.keyboard.press('Tab');
    }
    assert.fail(`no way to ${text}: ${JSON.stringify(passed)}`);
  };
  /** Waits for the focus, which a page gives when it is painted first. */
  const focusOn = async text => {
    await v.page.waitForFunction(wanted => (document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent.trim()) === wanted, text);
    return focus();
  };
  const press = key => v.leave(() => v.page.keyboard.press(key));

  test('sign-in: errors take the focus and are announced', async () => {
    const email = v.address('ada');
    await account(v.server, email);
    await v.open('/sign-in');
    await focusOn(v.T('auth.identifier'));
    await v.page.keyboard.type(email);
    await press('Enter');
    await focusOn(v.T('auth.password'));
    await v.page.keyboard.type('wrong');
    await press('Enter');
    await v.page.locator('[aria-invalid=true]').waitFor();
    const again = await focusOn(v.T('auth.password'));
    assert.equal(again.invalid, 'true');
    assert.ok(again.visible);
    const said = await v.page.getByRole('alert').innerText();
    assert.ok(said && again.described.includes(said), `the field is described by ${again.described}, not by ${said}`);
    await v.page.keyboard.type(PASSWORD);
    await tabTo(v.T('auth.sign_in'));
    await press('Enter');
    await v.at('/user');
  });

  test('the account: past the menu, to a page, and a change', async () => {
    await v.open('/user');
    await v.page.keyboard.press('Tab');
    const first = await focus();
    assert.equal(first.is, v.T('shared.skip'));
    assert.ok(first.visible);
    await v.page.keyboard.press('Enter');
    await tabTo(v.T('user.profile'));
    await press('Enter');
    await v.at('/user/profile');
    await tabTo(v.T('user.first_name'));
    await v.page.keyboard.type('Ada');
    await press('Enter');
    await v.says('user.said_saved');
    assert.equal(await v.page.getByRole('status').innerText(), v.T('user.said_saved'));
  });

  test('an organization is made', async () => {
    await v.open('/organization');
    await tabTo(v.T('organization.create.link'));
    await press('Enter');
    await focusOn(v.T('organization.name'));
    await v.page.keyboard.type('Analytical Engines');
    await tabTo(v.T('organization.create.button'));
    await press('Space');
    await v.says('organization.said.created');
  });

  test('signing out and signing up by code', async () => {
    await v.open('/sign-out');
    await tabTo(v.T('auth.sign_out'));
    await press('Enter');
    await v.at('/sign-in');
    const email = v.address('grace');
    await v.open('/sign-up');
    await tabTo(v.T('auth.field.email_address'));
    await v.page.keyboard.type(email);
    await press('Enter');
    await focusOn(v.T('auth.code'));
    const code = await v.server.code(email);
    // With the sixth digit the form is sent.
    await v.leave(() => v.page.keyboard.type(code));
    await v.at('/user');
  });
});
