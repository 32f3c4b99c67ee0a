// The calls on who may sign up: invitations, lists and the waitlist.
import assert from 'node:assert/strict';

import { WireDevice } from '../harness/wire-device.mjs';
import { refused } from './world.mjs';

const addresses = page => page.data.map(each => each.emailAddress);

const ticketOf = invitation => new URL(invitation.url).searchParams.get('ticket');

/** What becomes of a sign-up with an address. */
async function signUp(server, form) {
  const device = await WireDevice.launch(server);
  return (await device.call('POST', '/client/sign_ups', form)).response;
}

export const admission = {
  async 'sign-ups: get and update'({ clerk, server }) {
    const begun = await signUp(server, { email_address: 'begun@example.com', first_name: 'Ada' });
    const found = await clerk.signUps.get(begun.id);
    assert.deepEqual([found.status, found.emailAddress, found.firstName], ['missing_requirements', 'begun@example.com', 'Ada']);
    assert.equal((await clerk.signUps.update({ signUpAttemptId: begun.id, externalId: 'ext-begun' })).externalId, 'ext-begun');
    assert.equal((await clerk.signUps.get(begun.id)).externalId, 'ext-begun');
    await refused(clerk.signUps.get('sua_none'), 404, 'resource_not_found');
  },

  async 'createInvitation, getInvitationList and revokeInvitation'({ clerk, server }) {
    const given = { emailAddress: 'invited@example.com', redirectUrl: 'https://app.example.com/join', publicMetadata: { team: 'red' } };
    const made = await clerk.invitations.createInvitation({ ...given, expiresInDays: 2, notify: false });
    assert.deepEqual([made.status, made.publicMetadata], ['pending', { team: 'red' }]);
    await refused(clerk.invitations.createInvitation(given), 400, 'duplicate_invitation');
    const pending = async () => addresses(await clerk.invitations.getInvitationList({ status: 'pending', query: 'invited@', orderBy: '-created_at' }));
    assert.deepEqual(await pending(), ['invited@example.com']);
    assert.equal((await clerk.invitations.revokeInvitation(made.id)).status, 'revoked');
    assert.deepEqual(await pending(), []);
    await refused(signUp(server, { strategy: 'ticket', ticket: ticketOf(made) }), 422, 'ticket_invalid_code');

    const again = await clerk.invitations.createInvitation(given);
    const done = await signUp(server, { strategy: 'ticket', ticket: ticketOf(again), password: 'correct horse battery 9' });
    assert.deepEqual([done.status, done.email_address], ['complete', 'invited@example.com']);
    assert.deepEqual((await clerk.users.getUser(done.created_user_id)).publicMetadata, { team: 'red' });
    assert.deepEqual((await clerk.invitations.getInvitationList({ query: 'invited@' })).data.map(each => each.status), ['accepted', 'revoked']);
    await refused(clerk.invitations.revokeInvitation(again.id), 400);
  },

  async 'createInvitationBulk makes all or none'({ clerk }) {
    const bulk = names => clerk.invitations.createInvitationBulk(names.map(name => ({ emailAddress: `${name}@example.com`, notify: false })));
    assert.equal((await bulk(['bulk1', 'bulk2'])).length, 2);
    await refused(bulk(['bulk3', 'not an address']), 422);
    const { data } = await clerk.invitations.getInvitationList({ query: 'bulk' });
    assert.deepEqual(data.map(each => each.emailAddress).sort(), ['bulk1@example.com', 'bulk2@example.com']);
  },

  async 'deleteInvitation leaves nothing of it'({ clerk, server }) {
    const made = await clerk.invitations.createInvitation({ emailAddress: 'erased@example.com', notify: false });
    assert.deepEqual({ ...(await clerk.invitations.deleteInvitation(made.id)) }, { object: 'invitation', id: made.id, slug: null, deleted: true });
    assert.deepEqual(addresses(await clerk.invitations.getInvitationList({ query: 'erased' })), []);
    await refused(signUp(server, { strategy: 'ticket', ticket: ticketOf(made) }), 422, 'ticket_invalid_code');
    await refused(clerk.invitations.deleteInvitation(made.id), 404, 'resource_not_found');
  },

  async 'the allow list lets in whom it names, and nobody else'({ clerk, server }) {
    const made = await clerk.allowlistIdentifiers.createAllowlistIdentifier({ identifier: '*@allowed.test', notify: false });
    assert.deepEqual([made.identifier, made.identifierType], ['*@allowed.test', 'email_address']);
    assert.deepEqual((await clerk.allowlistIdentifiers.getAllowlistIdentifierList()).data.map(each => each.id), [made.id]);
    await clerk.instance.updateRestrictions({ allowlist: true });
    try {
      assert.equal((await signUp(server, { email_address: 'a@allowed.test' })).email_address, 'a@allowed.test');
      await refused(signUp(server, { email_address: 'a@elsewhere.test' }), 403);
    } finally {
      await clerk.instance.updateRestrictions({ allowlist: false });
    }
    assert.equal((await clerk.allowlistIdentifiers.deleteAllowlistIdentifier(made.id)).deleted, true);
    assert.equal((await clerk.allowlistIdentifiers.getAllowlistIdentifierList()).totalCount, 0);
  },

  async 'the block list keeps out whom it names'({ clerk, server }) {
    const made = await clerk.blocklistIdentifiers.createBlocklistIdentifier({ identifier: 'mallory@example.com' });
    assert.deepEqual((await clerk.blocklistIdentifiers.getBlocklistIdentifierList()).data.map(each => each.identifier), ['mallory@example.com']);
    await clerk.instance.updateRestrictions({ blocklist: true });
    try {
      await refused(signUp(server, { email_address: 'mallory@example.com' }), 403);
      await refused(clerk.blocklistIdentifiers.createBlocklistIdentifier({ identifier: 'mallory@example.com' }), 400, 'duplicate_record_for_list');
      assert.equal((await clerk.blocklistIdentifiers.deleteBlocklistIdentifier(made.id)).deleted, true);
      assert.equal((await signUp(server, { email_address: 'mallory@example.com' })).email_address, 'mallory@example.com');
    } finally {
      await clerk.instance.updateRestrictions({ blocklist: false });
    }
  },

  async 'the waitlist: create, createBulk, list, invite, reject, delete'({ clerk }) {
    const { waitlistEntries } = clerk;
    const first = await waitlistEntries.create({ emailAddress: 'wait1@example.com', notify: false });
    assert.equal(first.status, 'pending');
    const [second, third] = await waitlistEntries.createBulk([
      { emailAddress: 'wait2@example.com', notify: false },
      { emailAddress: 'wait3@example.com', notify: false },
    ]);
    assert.equal((await waitlistEntries.list({ query: 'wait', status: 'pending', orderBy: '+created_at' })).totalCount, 3);
    const invited = await waitlistEntries.invite(first.id);
    assert.deepEqual([invited.status, invited.invitation?.emailAddress], ['invited', 'wait1@example.com']);
    assert.deepEqual(addresses(await clerk.invitations.getInvitationList({ query: 'wait1' })), ['wait1@example.com']);
    assert.equal((await waitlistEntries.reject(second.id)).status, 'rejected');
    assert.equal((await waitlistEntries.delete(third.id)).deleted, true);
    const left = await waitlistEntries.list({ query: 'wait' });
    assert.deepEqual(left.data.map(each => [each.emailAddress, each.status]).sort(), [['wait1@example.com', 'invited'], ['wait2@example.com', 'rejected']]);
    await refused(waitlistEntries.delete(third.id), 404);
  },
};
