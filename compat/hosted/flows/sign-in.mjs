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
      await v.fill('auth.identifier', 'nobody');
      await v.press('auth.continue');
      await v.state('unknown');
      await v.fill('auth.identifier', email);
      await v.press('auth.continue');
      await v.state('password');
      await v.fill('auth.password', 'wrong');
      await v.press('auth.sign_in');
      await v.state('wrong password');
      await v.fill('auth.password', PASSWORD);
      await v.press('auth.sign_in');
      await v.at('/user');
    },
  },
  {
    name: 'sign-in by code',
    async run(v) {
      const email = v.address('grace');
      await account(v.server, email, { password: undefined, skip_password_requirement: true });
      await v.open('/sign-in');
      await v.fill('auth.identifier', email);
      await v.press('auth.continue');
      await v.state('code');
      await v.enter('auth.code', await v.server.code(email), 'auth.continue');
      await v.at('/user');
    },
  },
  {
    name: 'sign-in that becomes a sign-up',
    async run(v) {
      const email = v.address('new');
      await v.open('/sign-in');
      await v.fill('auth.identifier', email);
      await v.press('auth.continue');
      await v.state('new');
      await v.press('auth.send_to.email_code');
      await v.enter('auth.code', await v.server.code(email), 'auth.continue');
      await v.at('/user');
    },
  },
  {
    name: 'forgotten password',
    async run(v) {
      const email = v.address('edith');
      await account(v.server, email);
      await v.open('/sign-in');
      await v.fill('auth.identifier', email);
      await v.press('auth.continue');
      await v.press('auth.forgotten');
      await v.state('code');
      await v.enter('auth.code', await v.server.code(email), 'auth.continue');
      await v.state('new password');
      await v.fill('auth.new_password', '12345678');
      await v.press('auth.reset.save');
      await v.state('weak password');
      await v.fill('auth.new_password', 'another horse battery 9');
      await v.press('auth.reset.save');
      await v.at('/user');
    },
  },
  {
    name: 'email link',
    instance: 'rich',
    async run(v) {
      const email = v.address('ada');
      await account(v.server, email, { password: undefined, skip_password_requirement: true });
      const ask = async () => {
        await v.open('/sign-in');
        await v.fill('auth.identifier', email);
        await v.press('auth.continue');
        await v.press('auth.send_to.email_link');
      };
      await ask();
      await v.state('sent');
      const elsewhere = await v.another();
      const link = await v.link(email);
      await elsewhere.open(link);
      await elsewhere.state('confirm');
      await elsewhere.press('auth.link.yes');
      await elsewhere.state('confirmed');
      await elsewhere.open(link);
      await elsewhere.state('used');
      await elsewhere.close();
      await v.follow('auth.link_followed');
      await v.at('/user');
    },
  },
  {
    name: 'accounts and signing out',
    async run(v) {
      const [ada, grace] = [v.address('ada'), v.address('grace')];
      await account(v.server, ada, { first_name: 'Ada', last_name: 'Lovelace' });
      await account(v.server, grace);
      await v.signIn(ada);
      await v.open('/sign-in?add=1');
      await v.signIn(grace);
      await v.open('/sign-in');
      await v.state('accounts');
      await v.choose('auth.accounts.as', { Name: 'Ada Lovelace' });
      await v.at('/user');
      await v.open('/sign-out');
      await v.state('sign out');
      await v.press('auth.sign_out_as', { Name: 'Ada Lovelace' });
      await v.open('/sign-out');
      await v.press('auth.sign_out_as', { Name: grace });
      await v.at('/sign-in');
      await v.says('auth.said.signed_out');
      await v.state('signed out');
    },
  },
  {
    name: 'instance with a look of its own',
    instance: 'branded',
    async run(v) {
      await v.open('/sign-in');
      await v.state('identify');
      const email = v.address('ada');
      await account(v.server, email, { first_name: 'Ada' });
      await v.signIn(email);
      await v.state('account');
    },
  },
];
