// The calls on users: what they are found by, what they are, how they end.
import assert from 'node:assert/strict';

import { PIXEL, refused } from './world.mjs';

const ids = page => page.data.map(each => each.id);

export const users = {
  async 'createUser, getUser and updateUser'({ clerk }) {
    const made = await clerk.users.createUser({
      externalId: 'ext-calls',
      emailAddress: ['calls@example.com'],
      phoneNumber: ['+15555550111'],
      username: 'calls',
      password: 'correct horse battery 9',
      firstName: 'Ada',
      lastName: 'Lovelace',
      locale: 'fr-FR',
      publicMetadata: { plan: 'free' },
      privateMetadata: { note: 1 },
      unsafeMetadata: { theme: 'light' },
      createdAt: new Date('2020-01-02T03:04:05Z'),
      legalAcceptedAt: new Date('2021-01-02T03:04:05Z'),
    });
    const found = await clerk.users.getUser(made.id);
    assert.deepEqual(JSON.parse(JSON.stringify(found)), JSON.parse(JSON.stringify(made)));
    assert.equal(found.username, 'calls');
    assert.equal(found.primaryPhoneNumber.phoneNumber, '+15555550111');
    assert.equal(found.locale, 'fr-FR');
    assert.equal(found.createdAt, Date.parse('2020-01-02T03:04:05Z'));
    assert.equal(found.legalAcceptedAt, Date.parse('2021-01-02T03:04:05Z'));
    const updated = await clerk.users.updateUser(made.id, {
      lastName: 'King',
      username: 'countess',
      externalId: 'ext-calls-2',
    });
    const expected = ['Ada', 'King', 'countess', 'ext-calls-2'];
    const read = user => [user.firstName, user.lastName, user.username, user.externalId];
    assert.deepEqual(read(updated), expected);
    assert.deepEqual(read(await clerk.users.getUser(made.id)), expected);
    await refused(clerk.users.updateUser(made.id, { username: 'no!' }), 422);
  },

  async 'getUserList and getCount, by every filter'({ clerk, person, organization }) {
    const [a, b] = [
      await person({ username: 'filter_a', phoneNumber: ['+15555550112'], externalId: 'filter-a', firstName: 'Zoë', lastName: 'Filterley' }),
      await person({ username: 'filter_b', phoneNumber: ['+15555550113'], externalId: 'filter-b', lastName: 'Filterley' }),
    ];
    const { organizationId } = await organization(a);
    const everybody = { userId: [a.id, b.id] };
    for (const filter of [
      { emailAddress: [a.primaryEmailAddress.emailAddress] },
      { phoneNumber: ['+15555550112'] },
      { username: ['filter_a'] },
      { externalId: ['filter-a'] },
      { query: 'Zoë' },
      { userId: [a.id] },
    ]) {
      const page = await clerk.users.getUserList(filter);
      assert.deepEqual([ids(page), page.totalCount], [[a.id], 1], JSON.stringify(filter));
      assert.equal(await clerk.users.getCount(filter), 1, JSON.stringify(filter));
    }
    assert.deepEqual(ids(await clerk.users.getUserList({ organizationId: [organizationId] })), [a.id]);
    assert.deepEqual(ids(await clerk.users.getUserList({ ...everybody, orderBy: '+created_at' })), [a.id, b.id]);
    assert.deepEqual(ids(await clerk.users.getUserList({ ...everybody, orderBy: '-created_at' })), [b.id, a.id]);
    assert.deepEqual(ids(await clerk.users.getUserList({ ...everybody, orderBy: '+created_at', limit: 1, offset: 1 })), [b.id]);
    assert.deepEqual(ids(await clerk.users.getUserList({ ...everybody, createdAtBefore: a.createdAt })), []);
    assert.deepEqual(ids(await clerk.users.getUserList({ ...everybody, createdAtAfter: a.createdAt - 1, orderBy: '+created_at' })), [a.id, b.id]);
  },

  async 'updateUserMetadata merges, replaceUserMetadata replaces'({ clerk, person }) {
    const user = await person({ publicMetadata: { plan: 'free', seats: 1 }, unsafeMetadata: { theme: 'light' } });
    const merged = await clerk.users.updateUserMetadata(user.id, { publicMetadata: { seats: null, beta: true } });
    assert.deepEqual(merged.publicMetadata, { plan: 'free', beta: true });
    const replaced = await clerk.users.replaceUserMetadata(user.id, { publicMetadata: { only: 1 } });
    assert.deepEqual([replaced.publicMetadata, replaced.unsafeMetadata], [{ only: 1 }, { theme: 'light' }]);
    assert.deepEqual((await clerk.users.getUser(user.id)).publicMetadata, { only: 1 });
  },

  async 'replaceUserEmailAddress and replaceUserPhoneNumber'({ clerk, person }) {
    const user = await person({ phoneNumber: ['+15555550114'] });
    await clerk.users.replaceUserEmailAddress(user.id, { emailAddress: 'replaced@example.com' });
    await clerk.users.replaceUserPhoneNumber(user.id, { phoneNumber: '+15555550115' });
    const now = await clerk.users.getUser(user.id);
    assert.deepEqual(now.emailAddresses.map(each => each.emailAddress), ['replaced@example.com']);
    assert.deepEqual(now.phoneNumbers.map(each => each.phoneNumber), ['+15555550115']);
    assert.equal(now.primaryEmailAddress.emailAddress, 'replaced@example.com');
    const other = await person();
    await refused(clerk.users.replaceUserEmailAddress(other.id, { emailAddress: 'replaced@example.com' }), 422, 'form_identifier_exists');
  },

  async 'updateUserProfileImage and deleteUserProfileImage'({ clerk, server, person }) {
    const user = await person();
    assert.equal(user.hasImage, false);
    const pictured = await clerk.users.updateUserProfileImage(user.id, { file: PIXEL });
    assert.equal(pictured.hasImage, true);
    assert.equal((await fetch(new URL(new URL(pictured.imageUrl).pathname, server.url))).headers.get('content-type'), 'image/png');
    await refused(clerk.users.updateUserProfileImage(user.id, { file: new Blob(['<svg/>'], { type: 'image/png' }) }), 422);
    assert.equal((await clerk.users.deleteUserProfileImage(user.id)).hasImage, false);
    assert.equal((await clerk.users.getUser(user.id)).hasImage, false);
  },

  async 'banUser, unbanUser, lockUser and unlockUser'({ clerk, person, signedIn }) {
    const user = await person();
    const { sessionId } = await signedIn(user);
    assert.equal((await clerk.users.banUser(user.id)).banned, true);
    assert.notEqual((await clerk.sessions.getSession(sessionId)).status, 'active');
    await refused(signedIn(user), 403);
    assert.equal((await clerk.users.unbanUser(user.id)).banned, false);
    assert.equal((await clerk.users.lockUser(user.id)).locked, true);
    assert.equal((await clerk.users.getUser(user.id)).locked, true);
    assert.equal((await clerk.users.unlockUser(user.id)).locked, false);
    await signedIn(user);
  },

  async 'verifyPassword, setPasswordCompromised, unsetPasswordCompromised and removePassword'({ clerk, person, signedIn }) {
    const password = 'correct horse battery 9';
    const user = await person({ password });
    assert.deepEqual(await clerk.users.verifyPassword({ userId: user.id, password }), { verified: true });
    await refused(clerk.users.verifyPassword({ userId: user.id, password: `${password}!` }), 422, 'incorrect_password');
    const { sessionId } = await signedIn(user);
    await clerk.users.setPasswordCompromised(user.id, { revokeAllSessions: true });
    assert.equal((await clerk.sessions.getSession(sessionId)).status, 'revoked');
    await clerk.users.unsetPasswordCompromised(user.id);
    assert.equal((await clerk.users.removePassword(user.id)).passwordEnabled, false);
    await refused(clerk.users.verifyPassword({ userId: user.id, password }), 400);
  },

  async 'getOrganizationMembershipList and getOrganizationInvitationList'({ clerk, person, organization }) {
    const [ada, bob] = [await person(), await person()];
    const { organizationId } = await organization(ada);
    await clerk.organizations.createOrganizationInvitation({
      organizationId,
      emailAddress: bob.primaryEmailAddress.emailAddress,
      role: 'org:member',
      inviterUserId: ada.id,
    });
    const memberships = await clerk.users.getOrganizationMembershipList({ userId: ada.id, limit: 5 });
    assert.deepEqual(memberships.data.map(each => [each.organization.id, each.role]), [[organizationId, 'org:admin']]);
    const invitations = await clerk.users.getOrganizationInvitationList({ userId: bob.id, status: 'pending' });
    assert.deepEqual(invitations.data.map(each => each.organizationId), [organizationId]);
    assert.equal((await clerk.users.getOrganizationInvitationList({ userId: bob.id, status: 'revoked' })).totalCount, 0);
    assert.equal((await clerk.users.getOrganizationInvitationList({ userId: ada.id })).totalCount, 0);
  },

  async 'deleteUser ends the sessions and frees the address'({ clerk, person, signedIn }) {
    const user = await person();
    const { device } = await signedIn(user);
    assert.equal((await clerk.users.deleteUser(user.id)).id, user.id);
    await refused(clerk.users.getUser(user.id), 404, 'resource_not_found');
    assert.deepEqual((await device.call('GET', '/client')).response.sessions, []);
    await person({ emailAddress: [user.primaryEmailAddress.emailAddress] });
  },
};
