// What is asked for besides the first proof, and before somebody is let in.
import { totp } from '../../js/harness/totp.mjs';
import { account, PASSWORD } from '../instances.mjs';

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

async function firstFactor(v, email) {
  await v.open('/sign-in');
  await v.fill('auth.identifier', email);
  await v.press('auth.continue');
  await v.fill('auth.password', PASSWORD);
  await v.press('auth.sign_in');
}

export const secondFactor = [
  {
    name: 'authenticator app',
    async run(v) {
      const email = v.address('ada');
      await account(v.server, email, { totp_secret: SECRET, backup_codes: ['abcd-efgh-1', 'abcd-efgh-2'] });
      await firstFactor(v, email);
      await v.state('app');
      await v.enter('auth.second.totp', '000000', 'auth.continue');
      await v.state('wrong code');
      await v.follow('auth.use_second.backup_code');
      await v.state('backup code');
      await v.enter('auth.second.backup_code', 'wrong', 'auth.continue');
      await v.state('wrong backup code');
      await v.follow('auth.use_second.totp');
      await v.enter('auth.second.totp', totp(SECRET), 'auth.continue');
      await v.at('/user');
    },
  },
  {
    name: 'text message',
    instance: 'rich',
    async run(v) {
      const email = v.address('grace');
      const number = v.number();
      const { phone_numbers: [phone] } = await account(v.server, email, { phone_number: [number] });
      await v.server.backend('PATCH', `/phone_numbers/${phone.id}`, { reserved_for_second_factor: true, default_second_factor: true });
      await firstFactor(v, email);
      await v.state('send');
      await v.press('auth.send_to.phone_code');
      await v.state('sent');
      await v.enter('auth.second.phone_code', await v.server.code(number), 'auth.continue');
      await v.at('/user');
    },
  },
  {
    name: 'tasks',
    instance: 'strict',
    async run(v) {
      const email = v.address('mary');
      await account(v.server, email);
      await v.signIn(email, { lands: '/task' });
      await v.state('second factor');
      await v.follow('auth.task.mfa_app');
      await v.press('user.app_begin');
      await v.unfold('user.app_by_hand');
      const secret = (await v.page.locator('code').first().innerText()).replaceAll(/\s/g, '');
      await v.enter('user.app_code', totp(secret), 'user.app_prove');
      await v.open('/task');
      await v.state('organization');
      await v.fill('auth.task.organization_name', 'Analytical Engines');
      await v.press('auth.task.organization_create');
      await v.at('/user');
    },
  },
];
