// The inbox of development.
import { account } from '../instances.mjs';

export const inbox = [
  {
    name: 'inbox',
    async run(v) {
      const email = v.address('ada');
      await account(v.server, email, { password: undefined, skip_password_requirement: true });
      await v.open('/dev/inbox?to=nobody@example.com');
      await v.state('empty');
      await v.open('/sign-in');
      await v.fill('auth.identifier', email);
      await v.press('auth.continue');
      const code = await v.server.code(email);
      await v.open(`/dev/inbox?to=${email}`);
      await v.shows(code);
      await v.state('list');
      await v.leave(() => v.page.locator('#messages li a').first().click());
      await v.shows(code);
      await v.state('message');
      await v.open('/dev/inbox/none');
      await v.state('gone');
    },
  },
];
