// Ways to an account.
import { PASSWORD } from '../instances.mjs';

export const signUp = [
  {
    name: 'sign-up by code',
    async run(v) {
      const email = v.address('ada');
      await v.open('/sign-up');
      await v.state('create');
      await v.fill('auth.field.email_address', email);
      await v.press('auth.create_account');
      await v.state('code');
      await v.enter('auth.code', '000000', 'auth.continue');
      await v.state('wrong code');
      await v.enter('auth.code', await v.server.code(email), 'auth.continue');
      await v.at('/user');
    },
  },
  {
    name: 'sign-up with a password',
    async run(v) {
      const email = v.address('grace');
      await v.open('/sign-up');
      await v.fill('auth.field.email_address', email);
      await v.fill('auth.field.password_optional', '12345678');
      await v.press('auth.create_account');
      await v.state('weak password');
      await v.fill('auth.field.password_optional', PASSWORD);
      await v.press('auth.create_account');
      await v.enter('auth.code', await v.server.code(email), 'auth.continue');
      await v.at('/user');
    },
  },
  {
    name: 'sign-up with everything',
    instance: 'rich',
    async run(v) {
      const email = v.address('joan');
      await v.open('/sign-up');
      await v.state('create');
      await v.fill('auth.field.email_address', email);
      await v.fill('auth.field.first_name', 'Joan');
      await v.fill('auth.field.last_name', 'Clarke');
      await v.page.getByRole('checkbox').check();
      await v.press('auth.create_account');
      await v.state('how');
      await v.press('auth.send.email_code');
      await v.state('code');
      await v.enter('auth.code', await v.server.code(email), 'auth.continue');
      await v.at('/user');
    },
  },
  {
    name: 'waitlist',
    instance: 'waitlist',
    async run(v) {
      await v.open('/sign-up');
      await v.state('join');
      await v.fill('auth.field.email_address', v.address('mary'));
      await v.press('auth.waitlist.join');
      await v.says('auth.said.waitlisted');
      await v.state('joined');
    },
  },
  {
    name: 'by invitation only',
    instance: 'restricted',
    async run(v) {
      await v.open('/sign-up');
      await v.state('closed');
    },
  },
];
