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
      await v.press('auth.continue');
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
      await v.press('auth.continue');
      await v.state('weak password');
      await v.fill('auth.field.password_optional', PASSWORD);
      await v.press('auth.continue');
      await v.enter('auth.code', await v.server.code(email), 'auth.continue');
      await v.at('/user');
    },
  },
];
