// The calls on what people prove themselves with.
import assert from 'node:assert/strict';

import { Passkey } from '../harness/passkey.mjs';
import { totp } from '../harness/totp.mjs';
import { refused } from './world.mjs';

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const CODES = ['backup-code-1', 'backup-code-2'];

const factors = user => [user.twoFactorEnabled, user.totpEnabled, user.backupCodeEnabled];

export const userFactors = {
  async 'verifyTOTP takes a code once'({ clerk, person }) {
    const user = await person({ totpSecret: SECRET });
    const code = totp(SECRET);
    assert.deepEqual(await clerk.users.verifyTOTP({ userId: user.id, code }), { verified: true, code_type: 'totp' });
    await refused(clerk.users.verifyTOTP({ userId: user.id, code }), 422);
  },

  async 'deleteUserTOTP leaves no second factor'({ clerk, person }) {
    const user = await person({ totpSecret: SECRET });
    assert.deepEqual(factors(user), [true, true, false]);
    assert.equal((await clerk.users.deleteUserTOTP(user.id)).user_id, user.id);
    assert.deepEqual(factors(await clerk.users.getUser(user.id)), [false, false, false]);
  },

  async 'deleteUserBackupCodes leaves the app'({ clerk, person }) {
    const user = await person({ totpSecret: SECRET, backupCodes: CODES });
    assert.deepEqual(factors(user), [true, true, true]);
    await clerk.users.deleteUserBackupCodes(user.id);
    assert.deepEqual(factors(await clerk.users.getUser(user.id)), [true, true, false]);
  },

  async 'disableUserMFA takes everything'({ clerk, person }) {
    const user = await person({ totpSecret: SECRET, backupCodes: CODES });
    await clerk.users.disableUserMFA(user.id);
    assert.deepEqual(factors(await clerk.users.getUser(user.id)), [false, false, false]);
    await refused(clerk.users.verifyTOTP({ userId: user.id, code: CODES[0] }), 400);
  },

  async deleteUserPasskey({ clerk, person, signedIn }) {
    const [user, other] = [await person(), await person()];
    const { device } = await signedIn(user);
    const begun = (await device.call('POST', '/me/passkeys')).response;
    const answer = new Passkey().register(JSON.parse(begun.verification.nonce), 'https://example.com');
    await device.call('POST', `/me/passkeys/${begun.id}/attempt_verification`, { strategy: 'passkey', public_key_credential: JSON.stringify(answer) });
    const stored = async () => (await device.call('GET', '/me')).response.passkeys.map(each => each.id);
    assert.deepEqual(await stored(), [begun.id]);
    await refused(clerk.users.deleteUserPasskey({ userId: other.id, passkeyIdentificationId: begun.id }), 404);
    assert.deepEqual(await stored(), [begun.id]);
    assert.equal((await clerk.users.deleteUserPasskey({ userId: user.id, passkeyIdentificationId: begun.id })).deleted, true);
    assert.deepEqual(await stored(), []);
  },

  async 'getUserOauthAccessToken and deleteUserExternalAccount'({ clerk, person, signUpElsewhere }) {
    const { device, userId } = await signUpElsewhere('grace');
    const { data, totalCount } = await clerk.users.getUserOauthAccessToken(userId, 'custom_idp');
    assert.deepEqual([totalCount, data[0].provider, data[0].scopes.includes('openid')], [1, 'oauth_custom_idp', true]);
    const account = (await device.call('GET', '/me')).response.external_accounts[0];
    const other = await person();
    await refused(clerk.users.deleteUserExternalAccount({ userId: other.id, externalAccountId: account.id }), 404);
    await clerk.users.deleteUserExternalAccount({ userId, externalAccountId: account.id });
    assert.deepEqual((await device.call('GET', '/me')).response.external_accounts, []);
    assert.equal((await clerk.users.getUserOauthAccessToken(userId, 'custom_idp')).totalCount, 0);
  },
};
