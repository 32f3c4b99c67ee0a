// Ways in.
import { account, PASSWORD } from '../instances.mjs';

export const signIn = [
  {
    name: 'sign-in with a password',
    async run(v) {
      const email = v.address('ada');
      await account(v.server, email);
      await v.open('/sign-in');
      await v.state('identify');
      await v.fill('auth.identifier', v.address('nobody'));
      await v.press('auth.continue');
      await v.state('unknown');
      await v.fill('auth.identifier', email);
      await v.press('auth.continue');
      await v.state('password');
      await v.fill('auth.password', 'wrong');
      await v.press('auth.continue');
      await v.state('wrong password');
      await v.fill('auth.password', PASSWORD);
      await v.press('auth.continue');
      await v.at('/user');
    },
  },
];
