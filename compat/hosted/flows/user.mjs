// The pages of a person about themselves.
import { totp } from '../../js/harness/totp.mjs';
import { account, PASSWORD } from '../instances.mjs';

async function enter(v, name, more) {
  const email = v.address(name);
  const user = await account(v.server, email, more);
  await v.signIn(email);
  return { email, user };
}

export const user = [
  {
    name: 'account',
    async run(v) {
      await enter(v, 'ada', { first_name: 'Ada', last_name: 'Lovelace' });
      await v.state('overview');
      for (const page of ['profile', 'emails', 'accounts', 'password', 'second-factors', 'passkeys', 'devices', 'delete']) {
        await v.open(`/user/${page}`);
        await v.state(page);
      }
    },
  },
  {
    name: 'account details',
    async run(v) {
      await enter(v, 'grace', { first_name: 'Grace' });
      await v.open('/user/profile');
      await v.fill('user.last_name', 'Hopper');
      await v.press('user.save');
      await v.says('user.said_saved');
      await v.state('saved');
      const more = v.address('grace');
      await v.open('/user/emails');
      await v.fill('user.email', 'nothing');
      await v.page.locator('form').evaluateAll(forms => forms.forEach(form => (form.noValidate = true)));
      await v.press('user.email_add');
      await v.state('bad address');
      await v.fill('user.email', more);
      await v.press('user.email_add');
      await v.state('verify');
      await v.enter('user.code', '000000', 'user.verify_yes');
      await v.state('wrong code');
      await v.enter('user.code', await v.server.code(more), 'user.verify_yes');
      await v.says('user.said_email_verified');
      await v.state('verified');
      await v.unfold('user.remove');
      await v.state('remove');
    },
  },
  {
    name: 'account phone number',
    instance: 'rich',
    async run(v) {
      await enter(v, 'hedy', { first_name: 'Hedy', last_name: 'Lamarr' });
      const number = v.number();
      await v.open('/user/phones');
      await v.state('none');
      await v.fill('user.phone', number);
      await v.press('user.phone_add');
      await v.enter('user.code', await v.server.code(number), 'user.verify_yes');
      await v.says('user.said_phone_verified');
      await v.state('verified');
    },
  },
  {
    name: 'account password',
    async run(v) {
      await enter(v, 'edith');
      await v.open('/user/password');
      await v.fill('user.password_current', 'wrong');
      await v.fill('user.password_new', 'a sentence that only I know');
      await v.press('user.password_change');
      await v.state('wrong password');
      await v.fill('user.password_current', PASSWORD);
      await v.fill('user.password_new', 'a sentence that only I know');
      await v.press('user.password_change');
      await v.says('user.said_password');
    },
  },
  {
    name: 'account second factors',
    async run(v) {
      await enter(v, 'joan');
      await v.open('/user/second-factors');
      await v.follow('user.app_set_up');
      await v.press('user.app_begin');
      await v.unfold('user.app_by_hand');
      await v.state('app');
      const secret = (await v.page.locator('code').first().innerText()).replaceAll(/\s/g, '');
      await v.enter('user.app_code', '000000', 'user.app_prove');
      await v.state('wrong code');
      await v.enter('user.app_code', totp(secret), 'user.app_prove');
      await v.state('backup codes');
      await v.open('/user/second-factors');
      await v.state('on');
    },
  },
  {
    name: 'account deleted',
    async run(v) {
      await enter(v, 'mary');
      await v.open('/user/delete');
      await v.page.getByRole('textbox').first().fill('no');
      await v.press('user.delete_yes');
      await v.state('another word');
      await v.page.getByRole('textbox').first().fill(v.T('user.delete_word'));
      await v.press('user.delete_yes');
      await v.state('deleted');
      await v.open('/user');
      await v.at('/sign-in');
    },
  },
];
