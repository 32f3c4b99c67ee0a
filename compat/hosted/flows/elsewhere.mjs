// Accounts elsewhere, passkeys, and apps without screens of their own.
import { App } from '../app.mjs';
import { account } from '../instances.mjs';

const PROVIDER = { Provider: 'The provider' };

/** Says yes at the provider, as one of its people. */
async function consent(v, name) {
  await v.page.waitForURL(`${v.server.provider.url}/**`);
  await v.page.getByRole('button', { name, exact: true }).click();
}

export const elsewhere = [
  {
    name: 'account at a provider',
    instance: 'social',
    async run(v) {
      const name = v.script ? 'ada' : 'grace';
      await v.open('/sign-in');
      await v.state('offered');
      await v.press('auth.continue_with', PROVIDER);
      await consent(v, name);
      await v.says('auth.unknown', { Identifier: `${name}@example.com` });
      await v.state('unknown');
      await v.press('auth.create_account');
      await v.at('/user');
      await v.open('/user/accounts');
      await v.state('connected');
      await v.unfold('user.disconnect');
      await v.state('disconnect');
    },
  },
  {
    name: 'account that is connected',
    instance: 'social',
    async run(v) {
      const email = v.address('edith');
      await account(v.server, email);
      await v.signIn(email);
      await v.open('/user/accounts');
      await v.press('user.connect', PROVIDER);
      await consent(v, v.script ? 'joan' : 'mary');
      await v.at('/user/accounts');
      await v.state('connected');
    },
  },
  {
    name: 'app with a provider',
    instance: 'social',
    async run(v) {
      const app = await App.open(v);
      try {
        const name = v.script ? 'hedy' : 'rosa';
        await app.begin('sign-in');
        await v.state('sign-in');
        await v.press('auth.continue_with', PROVIDER);
        await consent(v, name);
        await v.says('auth.unknown', { Identifier: `${name}@example.com` });
        await v.press('auth.create_account');
        const signedUp = await app.complete();
        if (signedUp.external_accounts[0].email_address !== `${name}@example.com`) throw new Error('another account');

        await app.begin('sign-in');
        await v.page.getByRole('button', { name: v.T('auth.continue_with', PROVIDER) }).click();
        await consent(v, name);
        const { id } = await app.complete();
        if (id !== signedUp.id) throw new Error('another person');
      } finally {
        await app.close();
      }
    },
  },
  {
    name: 'passkey',
    script: 'only',
    async run(v) {
      // An address is no relying party: for passkeys the pages go by a name.
      v.base = v.base.replace('127.0.0.1', 'localhost');
      const email = v.address('grace');
      await account(v.server, email);
      const verified = await v.authenticator();
      await v.signIn(email);
      await v.open('/user/passkeys');
      await v.press('user.passkey_add');
      // A browser may let the question wait until it is asked by hand.
      await Promise.any([v.at('/user/passkeys'), v.control('button', 'user.passkey_make').click()]);
      await v.says('user.said_passkey_added');
      await v.state('added');
      await v.context.clearCookies();

      // One that nobody unlocks leaves the page with a way to try again.
      await verified(false);
      await v.open('/sign-in');
      await v.state('offered');
      await v.press('auth.passkey.use');
      await v.says('auth.passkey.unanswered');
      await v.state('unanswered');
      await verified(true);
      await v.press('auth.passkey.use');
      await v.at('/user');

      // The browser offers it beside the names that it knows; its owner takes it.
      await v.context.clearCookies();
      await v.page.goto(`${v.base}/sign-in`);
      await v.at('/user');

      const app = await App.open(v);
      try {
        await verified(false);
        await app.begin('sign-in');
        await v.fill('auth.identifier', email);
        await v.press('auth.continue');
        await verified(true);
        await v.control('button', 'auth.passkey.use').click();
        const user = await app.complete();
        if (user.email_addresses[0].email_address !== email) throw new Error('another person');
      } finally {
        await app.close();
      }
    },
  },
];
