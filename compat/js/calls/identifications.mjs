// The calls on the addresses and numbers of people.
import assert from 'node:assert/strict';

import { refused } from './world.mjs';

export const identifications = {
  async 'email addresses: create, get, update, delete'({ clerk, person }) {
    const user = await person();
    const made = await clerk.emailAddresses.createEmailAddress({ userId: user.id, emailAddress: 'Second@Example.com', verified: false });
    assert.deepEqual([made.emailAddress, made.verification?.status === 'verified'], ['second@example.com', false]);
    const proven = await clerk.emailAddresses.updateEmailAddress(made.id, { verified: true, primary: true });
    assert.equal(proven.verification.status, 'verified');
    assert.equal((await clerk.emailAddresses.getEmailAddress(made.id)).verification.status, 'verified');
    assert.equal((await clerk.users.getUser(user.id)).primaryEmailAddressId, made.id);
    const other = await person();
    const taken = clerk.emailAddresses.createEmailAddress({ userId: other.id, emailAddress: 'SECOND@example.com', verified: true });
    await refused(taken, 422, 'form_identifier_exists');
    assert.equal((await clerk.emailAddresses.deleteEmailAddress(made.id)).deleted, true);
    await refused(clerk.emailAddresses.getEmailAddress(made.id), 404);
    assert.notEqual((await clerk.users.getUser(user.id)).primaryEmailAddressId, made.id);
  },

  async 'phone numbers: create, get, update, delete'({ clerk, person }) {
    const user = await person();
    const made = await clerk.phoneNumbers.createPhoneNumber({ userId: user.id, phoneNumber: '+15555550120', verified: true });
    assert.deepEqual([made.phoneNumber, made.verification.status, made.reservedForSecondFactor], ['+15555550120', 'verified', false]);
    const reserved = await clerk.phoneNumbers.updatePhoneNumber(made.id, { reservedForSecondFactor: true });
    assert.equal(reserved.reservedForSecondFactor, true);
    assert.equal((await clerk.phoneNumbers.getPhoneNumber(made.id)).reservedForSecondFactor, true);
    assert.equal((await clerk.users.getUser(user.id)).twoFactorEnabled, true);
    assert.equal((await clerk.phoneNumbers.deletePhoneNumber(made.id)).deleted, true);
    await refused(clerk.phoneNumbers.getPhoneNumber(made.id), 404);
    assert.equal((await clerk.users.getUser(user.id)).twoFactorEnabled, false);
    await refused(clerk.phoneNumbers.createPhoneNumber({ userId: user.id, phoneNumber: '12' }), 422);
  },
};
