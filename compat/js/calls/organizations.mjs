// The calls on organizations and on who is in them.
import assert from 'node:assert/strict';

import { PIXEL, refused } from './world.mjs';

const ids = page => page.data.map(each => each.id);
const members = page => page.data.map(each => each.publicUserData.userId);

export const organizations = {
  async 'createOrganization, getOrganization, getOrganizationList and updateOrganization'({ clerk, person }) {
    const ada = await person();
    const made = await clerk.organizations.createOrganization({
      name: 'Acme',
      slug: 'acme',
      createdBy: ada.id,
      maxAllowedMemberships: 3,
      publicMetadata: { plan: 'free' },
      privateMetadata: { risk: 1 },
    });
    assert.deepEqual([made.createdBy, made.maxAllowedMemberships, made.privateMetadata], [ada.id, 3, { risk: 1 }]);
    const found = await clerk.organizations.getOrganization({ slug: 'acme', includeMembersCount: true });
    assert.deepEqual([found.id, found.membersCount], [made.id, 1]);
    assert.equal((await clerk.organizations.getOrganization({ organizationId: made.id })).slug, 'acme');
    for (const filter of [{ query: 'Acm' }, { organizationId: [made.id] }, { query: 'acme', orderBy: '-members_count', includeMembersCount: true }]) {
      const page = await clerk.organizations.getOrganizationList(filter);
      assert.deepEqual([ids(page), page.totalCount], [[made.id], 1], JSON.stringify(filter));
    }
    const updated = await clerk.organizations.updateOrganization(made.id, { name: 'Acme 2', slug: 'acme-2', maxAllowedMemberships: 4, adminDeleteEnabled: false });
    assert.deepEqual([updated.name, updated.slug, updated.maxAllowedMemberships, updated.adminDeleteEnabled], ['Acme 2', 'acme-2', 4, false]);
    await refused(clerk.organizations.getOrganization({ slug: 'acme' }), 404);
    await refused(clerk.organizations.createOrganization({ name: 'Again', slug: 'acme-2', createdBy: ada.id }), 422);
  },

  async 'updateOrganizationMetadata merges, replaceOrganizationMetadata replaces'({ clerk, person, organization }) {
    const { organizationId } = await organization(await person(), { publicMetadata: { a: 1 }, privateMetadata: { c: 3 } });
    const merged = await clerk.organizations.updateOrganizationMetadata(organizationId, { publicMetadata: { b: 2 } });
    assert.deepEqual(merged.publicMetadata, { a: 1, b: 2 });
    await clerk.organizations.replaceOrganizationMetadata(organizationId, { publicMetadata: { b: 2 } });
    const found = await clerk.organizations.getOrganization({ organizationId });
    assert.deepEqual([found.publicMetadata, found.privateMetadata], [{ b: 2 }, { c: 3 }]);
  },

  async 'updateOrganizationLogo and deleteOrganizationLogo'({ clerk, person, organization }) {
    const ada = await person();
    const { organizationId } = await organization(ada);
    const pictured = await clerk.organizations.updateOrganizationLogo(organizationId, { file: PIXEL, uploaderUserId: ada.id });
    assert.equal(pictured.hasImage, true);
    assert.equal((await clerk.organizations.getOrganization({ organizationId })).imageUrl, pictured.imageUrl);
    assert.equal((await clerk.organizations.deleteOrganizationLogo(organizationId)).hasImage, false);
    assert.equal((await clerk.organizations.getOrganization({ organizationId })).hasImage, false);
  },

  async 'deleteOrganization takes its memberships along'({ clerk, person, organization }) {
    const ada = await person();
    const { organizationId } = await organization(ada);
    await clerk.organizations.deleteOrganization(organizationId);
    await refused(clerk.organizations.getOrganization({ organizationId }), 404);
    assert.equal((await clerk.users.getOrganizationMembershipList({ userId: ada.id })).totalCount, 0);
  },

  async 'memberships: create, list, update, metadata, delete'({ clerk, person, organization }) {
    const [ada, bob] = [await person({ firstName: 'Ada' }), await person({ firstName: 'Bob' })];
    const { organizationId } = await organization(ada);
    const { organizations: api } = clerk;
    const made = await api.createOrganizationMembership({ organizationId, userId: bob.id, role: 'org:member' });
    assert.deepEqual([made.organization.id, made.role], [organizationId, 'org:member']);
    await refused(api.createOrganizationMembership({ organizationId, userId: bob.id, role: 'org:member' }), 400, 'already_a_member_in_organization');
    await refused(api.createOrganizationMembership({ organizationId, userId: 'user_nobody', role: 'org:member' }), 404);
    for (const filter of [
      { userId: [bob.id] },
      { emailAddress: [bob.primaryEmailAddress.emailAddress] },
      { role: ['org:member'] },
      { query: 'Bob' },
      { orderBy: '-created_at', limit: 1 },
    ]) {
      assert.deepEqual(members(await api.getOrganizationMembershipList({ organizationId, ...filter })), [bob.id], JSON.stringify(filter));
    }
    assert.ok(members(await api.getInstanceOrganizationMembershipList({ orderBy: '-created_at', limit: 5 })).includes(bob.id));
    assert.equal((await api.updateOrganizationMembership({ organizationId, userId: bob.id, role: 'org:admin' })).role, 'org:admin');
    const marked = await api.updateOrganizationMembershipMetadata({ organizationId, userId: bob.id, publicMetadata: { desk: 4 }, privateMetadata: { pay: 1 } });
    assert.deepEqual([marked.publicMetadata, marked.privateMetadata], [{ desk: 4 }, { pay: 1 }]);
    await api.deleteOrganizationMembership({ organizationId, userId: ada.id });
    assert.deepEqual(members(await api.getOrganizationMembershipList({ organizationId })), [bob.id]);
    await refused(api.deleteOrganizationMembership({ organizationId, userId: bob.id }), 400, 'organization_minimum_permissions_needed');
  },

  async 'invitations: create, bulk, get, list, revoke'({ clerk, person, organization }) {
    const [ada, eve] = [await person(), await person()];
    const { organizationId } = await organization(ada);
    const { organizationId: foreign } = await organization(eve);
    const { organizations: api } = clerk;
    const made = await api.createOrganizationInvitation({
      organizationId,
      emailAddress: 'new@example.com',
      role: 'org:member',
      inviterUserId: ada.id,
      expiresInDays: 2,
      publicMetadata: { team: 'red' },
      privateMetadata: { cost: 1 },
      redirectUrl: 'https://app.example.com/join',
    });
    assert.deepEqual([made.status, made.publicMetadata, made.privateMetadata], ['pending', { team: 'red' }, { cost: 1 }]);
    assert.match(made.url, /ticket=/);
    const bulk = await api.createOrganizationInvitationBulk(organizationId, [
      { emailAddress: 'new2@example.com', role: 'org:member' },
      { emailAddress: 'new3@example.com', role: 'org:admin' },
    ]);
    assert.equal(bulk.totalCount, 2);
    assert.equal((await api.getOrganizationInvitation({ organizationId, invitationId: made.id })).emailAddress, 'new@example.com');
    await refused(api.getOrganizationInvitation({ organizationId: foreign, invitationId: made.id }), 404);
    await refused(api.revokeOrganizationInvitation({ organizationId: foreign, invitationId: made.id }), 404);
    assert.equal((await api.getOrganizationInvitationList({ organizationId, status: ['pending'] })).totalCount, 3);
    assert.equal((await api.revokeOrganizationInvitation({ organizationId, invitationId: made.id, requestingUserId: ada.id })).status, 'revoked');
    assert.deepEqual(ids(await api.getOrganizationInvitationList({ organizationId, status: ['revoked'] })), [made.id]);
  },

  async 'domains: create, list, update, delete'({ clerk, person, organization }) {
    const { organizationId } = await organization(await person());
    const { organizationId: foreign } = await organization(await person());
    const { organizations: api } = clerk;
    const before = await clerk.instance.getOrganizationSettings();
    await clerk.instance.updateOrganizationSettings({ domainsEnabled: true, domainsEnrollmentModes: ['manual_invitation', 'automatic_invitation'] });
    try {
      const made = await api.createOrganizationDomain({ organizationId, name: 'calls.test', enrollmentMode: 'manual_invitation', verified: false });
      assert.notEqual(made.verification?.status, 'verified');
      await refused(api.updateOrganizationDomain({ organizationId: foreign, domainId: made.id, verified: true }), 404);
      const updated = await api.updateOrganizationDomain({ organizationId, domainId: made.id, verified: true, enrollmentMode: 'automatic_invitation' });
      assert.deepEqual([updated.verification.status, updated.enrollment_mode], ['verified', 'automatic_invitation']);
      assert.deepEqual((await api.getOrganizationDomainList({ organizationId })).data.map(each => each.enrollment_mode), ['automatic_invitation']);
      await api.deleteOrganizationDomain({ organizationId, domainId: made.id });
      assert.equal((await api.getOrganizationDomainList({ organizationId })).totalCount, 0);
    } finally {
      await clerk.instance.updateOrganizationSettings({ domainsEnabled: before.domainsEnabled, domainsEnrollmentModes: before.domainsEnrollmentModes });
    }
  },
};
