// Pages for what went wrong, and for people who read another language.
import { account, PASSWORD } from '../instances.mjs';

export const trouble = [
  {
    name: 'flow that is over',
    async run(v) {
      await v.open('/sign-in?flow=gone');
      await v.state('error');
    },
  },
  {
    name: 'link that is over',
    async run(v) {
      await v.open('/verify?token=gone');
      await v.state('error');
    },
  },
  {
    name: 'too many requests',
    instance: 'busy',
    async run(v) {
      let enough = false;
      const others = async () => {
        const form = { method: 'POST', body: new URLSearchParams({ do: 'nothing' }) };
        while (!enough) await Promise.all(Array.from({ length: 25 }, () => fetch(`${v.base}/sign-in`, form).then(answer => answer.text())));
      };
      const crowd = others();
      try {
        // A place may become free at the very moment at which this one asks.
        for (let status = 0; status !== 429; ) {
          await v.open('/sign-in');
          await v.fill('auth.identifier', 'ada');
          const answer = v.page.waitForResponse(response => response.request().method() === 'POST');
          await v.press('auth.continue');
          status = (await answer).status();
        }
      } finally {
        enough = true;
        await crowd;
      }
      await v.state('wait');
    },
  },
  {
    name: 'language',
    async run(v) {
      await v.open('/sign-up');
      await v.field('shared.language').selectOption('ja');
      await v.press('shared.change_language');
      await v.speak('ja');
      await v.state('Japanese');
      await v.field('shared.language').selectOption('de');
      await v.press('shared.change_language');
      await v.speak('de');
      await v.state('German');
    },
  },
  {
    name: 'from right to left',
    language: 'ar',
    async run(v) {
      await v.open('/sign-up');
      await v.state('sign-up');
      const email = v.address('ada');
      await account(v.server, email, { first_name: 'آدا', last_name: 'لوفلايس' });
      await v.open('/sign-in');
      await v.fill('auth.identifier', email);
      await v.press('auth.continue');
      await v.fill('auth.password', 'wrong');
      await v.press('auth.sign_in');
      await v.state('wrong password');
      await v.fill('auth.password', PASSWORD);
      await v.press('auth.sign_in');
      await v.at('/user');
      await v.state('account');
      await v.open('/user/emails');
      await v.state('addresses');
      await v.open('/organization/create');
      await v.fill('organization.name', 'المحركات التحليلية');
      await v.press('organization.create.button');
      await v.state('organization');
      await v.follow('organization.tab.members');
      await v.state('members');
    },
  },
];
