// Organizations as an app built on clerk-js has them, seen from two devices and
// from the application's own server.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { createClerkClient, verifyToken } from '@clerk/backend';

import { Device } from './harness/device.mjs';
import { claims } from './harness/jwt.mjs';
import { releases } from './harness/releases.mjs';
import { Server } from './harness/server.mjs';

const PASSWORD = 'correct horse battery 9';
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

for (const release of releases) {
  describe(`organizations, clerk-js ${release.version}`, () => {
    let server, clerk, ada, bob, users, organization;

    async function signedIn(name) {
      users[name] = await clerk.users.createUser({ emailAddress: [`${name}@acme-works.test`], password: PASSWORD });
      const device = await Device.launch(server, path.join(server.folder, `${name}.json`), release);
      await device.call('load');
      const attempt = await device.call('signIn', { identifier: `${name}@acme-works.test`, password: PASSWORD });
      await device.call('activate', { sessionId: attempt.createdSessionId });
      return device;
    }

    before(async () => {
      server = await Server.start();
      clerk = createClerkClient({
        secretKey: server.secretKey,
        publishableKey: server.publishableKey,
        apiUrl: server.base,
        telemetry: { disabled: true },
      });
      users = {};
      await clerk.instance.updateOrganizationSettings({
        domainsEnabled: true,
        domainsEnrollmentModes: ['automatic_suggestion', 'automatic_invitation'],
      });
      [ada, bob] = [await signedIn('ada'), await signedIn('bob')];
    });
    after(async () => {
      await Promise.all([ada, bob].map(device => device?.kill()));
      await server?.stop();
    });

    const tokenOf = async device => device.call('token', { skipCache: true });
    const authOf = async device => {
      const request = new Request('https://app.example.com/', { headers: { authorization: `Bearer ${await tokenOf(device)}` } });
      return (await clerk.authenticateRequest(request)).toAuth();
    };

    describe('the app', () => {
      test('who creates an organization administers it, and acts in it', async () => {
        organization = await ada.call('createOrganization', { name: 'Acme Works', slug: 'acme-works' });
        assert.equal(organization.slug, 'acme-works');
        await ada.call('activateOrganization', { organization: 'acme-works' });
        const state = await ada.call('organizationState');
        assert.equal(state.active, organization.id);
        assert.equal(state.session, organization.id);
        assert.equal(state.memberships[0].role, 'org:admin');
        assert.ok(state.memberships[0].permissions.includes('org:sys_memberships:manage'));
        assert.equal(state.may, true);
        const { payload } = claims(await tokenOf(ada));
        assert.deepEqual(payload.o, { id: organization.id, slg: 'acme-works', rol: 'admin' });
      });

      test('its profile, logo and roles', async () => {
        assert.deepEqual(await ada.call('updateOrganization', { name: 'Acme', slug: 'acme' }), { name: 'Acme', slug: 'acme' });
        const logo = await ada.call('setOrganizationLogo', { base64: PIXEL });
        assert.equal(logo.hasImage, true);
        const roles = await ada.call('organizationRoles');
        assert.deepEqual(roles.map(each => each.key).sort(), ['org:admin', 'org:member']);
      });

      test('an invitation is seen, accepted and makes a member', async () => {
        await ada.call('inviteMember', { emailAddress: 'bob@acme-works.test', role: 'org:member' });
        assert.deepEqual(await ada.call('inviteMembers', { emailAddresses: ['x@example.com', 'y@example.com'], role: 'org:member' }), [
          'x@example.com',
          'y@example.com',
        ]);
        const open = await ada.call('organizationInvitations', { status: ['pending'] });
        assert.equal(open.length, 3);
        const other = open.find(each => each.emailAddress === 'y@example.com');
        assert.equal(await ada.call('revokeInvitation', { id: other.id }), 'revoked');

        const [invitation] = await bob.call('userInvitations');
        assert.equal(invitation.organization, 'Acme');
        assert.equal(await bob.call('acceptInvitation', { id: invitation.id }), 'accepted');
        assert.equal((await bob.call('userMemberships'))[0].organization, organization.id);
        await bob.call('reloadUser');
        await bob.call('activateOrganization', { organization: organization.id });
        const state = await bob.call('organizationState');
        assert.equal(state.active, organization.id);
        assert.equal(state.may, false);
      });

      test('members are listed, filtered and changed; the token follows', async () => {
        const members = await ada.call('organizationMembers', { role: ['org:member'], query: 'bob' });
        assert.equal(members.total, 1);
        assert.equal(members.members[0].identifier, 'bob@acme-works.test');
        assert.equal((await ada.call('updateMember', { userId: users.bob.id, role: 'org:admin' })).role, 'org:admin');
        assert.equal(claims(await tokenOf(bob)).payload.o.rol, 'admin');
        assert.equal((await ada.call('updateMember', { userId: users.bob.id, role: 'org:member' })).role, 'org:member');
        await assert.rejects(bob.call('inviteMember', { emailAddress: 'z@example.com', role: 'org:admin' }), error => {
          assert.equal(error.status, 403);
          assert.deepEqual(error.codes, ['missing_organization_permission']);
          return true;
        });
      });

      test('the link of an invitation leads to a sign-up, which begins in the organization', async () => {
        await ada.call('inviteMember', { emailAddress: 'eva@example.com', role: 'org:member' });
        const [mail] = await (await fetch(`${server.inboxUrl}?to=eva@example.com`)).json();
        const link = new URL(mail.link);
        const opened = await fetch(new URL(link.pathname + link.search, server.url), { redirect: 'manual' });
        const arrived = new URL(opened.headers.get('location'));
        assert.equal(arrived.searchParams.get('__clerk_status'), 'sign_up');
        const eva = await Device.launch(server, path.join(server.folder, 'eva.json'), release);
        try {
          await eva.call('load');
          const attempt = await eva.call('signUpByTicket', { ticket: arrived.searchParams.get('__clerk_ticket'), password: PASSWORD });
          assert.equal(attempt.status, 'complete');
          const state = await eva.call('activate', { sessionId: attempt.createdSessionId });
          assert.equal(state.email, 'eva@example.com');
          assert.equal((await eva.call('organizationState')).active, organization.id);
        } finally {
          await eva.kill();
        }
      });

      test('who is removed acts in it no longer', async () => {
        await ada.call('removeMember', { userId: users.bob.id });
        assert.equal(claims(await tokenOf(bob)).payload.o, undefined);
        assert.equal((await bob.call('userMemberships')).length, 0);
      });

      test('a proven domain suggests the organization, and a request is accepted', async () => {
        const domain = await ada.call('createDomain', { name: 'acme-works.test' });
        await ada.call('prepareDomain', { id: domain.id, address: 'post@acme-works.test' });
        const proven = await ada.call('attemptDomain', { id: domain.id, code: await server.code('post@acme-works.test') });
        assert.equal(proven.status, 'verified');
        await ada.call('updateDomainMode', { id: domain.id, mode: 'automatic_suggestion' });
        const [suggestion] = await bob.call('userSuggestions');
        assert.equal(suggestion.organization, organization.id);
        assert.equal(await bob.call('acceptSuggestion', { id: suggestion.id }), 'accepted');
        const [request] = await ada.call('membershipRequests');
        assert.equal(request.identifier, 'bob@acme-works.test');
        assert.equal(await ada.call('acceptRequest', { id: request.id }), 'accepted');
        assert.equal((await bob.call('userMemberships'))[0].role, 'org:member');
      });
    });

    describe('@clerk/backend 3.25.0', () => {
      test('custom permissions reach the application', async () => {
        for (const [feature, action] of [['invoices', 'create'], ['invoices', 'read'], ['teams', 'read']]) {
          const permission = await fetch(new URL('/v1/organization_permissions', server.base), {
            method: 'POST',
            headers: { authorization: `Bearer ${server.secretKey}`, 'content-type': 'application/json' },
            body: JSON.stringify({ name: `${action} ${feature}`, key: `org:${feature}:${action}` }),
          }).then(each => each.json());
          await fetch(new URL(`/v1/organization_roles/role_organizationadmin/permissions/${permission.id}`, server.base), {
            method: 'POST',
            headers: { authorization: `Bearer ${server.secretKey}` },
          });
        }
        const auth = await authOf(ada);
        assert.equal(auth.orgId, organization.id);
        assert.equal(auth.orgRole, 'org:admin');
        assert.equal(auth.orgSlug, 'acme');
        assert.deepEqual([...auth.orgPermissions].sort(), ['org:invoices:create', 'org:invoices:read', 'org:teams:read']);
        assert.equal(auth.has({ permission: 'org:invoices:create' }), true);
        assert.equal(auth.has({ permission: 'org:teams:create' }), false);
        assert.equal(auth.has({ role: 'org:admin' }), true);
        const payload = await verifyToken(await tokenOf(ada), { secretKey: server.secretKey, apiUrl: server.base });
        assert.equal(payload.o.id, organization.id);
      });

      test('organizations: create, read, list, metadata, logo, delete', async () => {
        const made = await clerk.organizations.createOrganization({
          name: 'Beta',
          slug: 'beta',
          createdBy: users.bob.id,
          maxAllowedMemberships: 3,
          publicMetadata: { plan: 'free' },
        });
        assert.equal(made.maxAllowedMemberships, 3);
        assert.equal((await clerk.organizations.getOrganization({ slug: 'beta' })).id, made.id);
        const list = await clerk.organizations.getOrganizationList({ query: 'bet', includeMembersCount: true, orderBy: '-created_at' });
        assert.equal(list.totalCount, 1);
        assert.equal(list.data[0].membersCount, 1);
        const merged = await clerk.organizations.updateOrganizationMetadata(made.id, { publicMetadata: { seats: 2 }, privateMetadata: { x: 1 } });
        assert.deepEqual(merged.publicMetadata, { plan: 'free', seats: 2 });
        assert.deepEqual(merged.privateMetadata, { x: 1 });
        assert.equal((await clerk.organizations.updateOrganization(made.id, { name: 'Beta 2' })).name, 'Beta 2');
        const file = new Blob([Buffer.from(PIXEL, 'base64')], { type: 'image/png' });
        assert.equal((await clerk.organizations.updateOrganizationLogo(made.id, { file })).hasImage, true);
        assert.equal((await clerk.organizations.deleteOrganizationLogo(made.id)).hasImage, false);
        assert.equal((await clerk.organizations.deleteOrganization(made.id)).deleted, true);
      });

      test('memberships and invitations', async () => {
        const organizationId = organization.id;
        const carl = await clerk.users.createUser({ emailAddress: ['carl@example.com'], password: PASSWORD });
        const membership = await clerk.organizations.createOrganizationMembership({ organizationId, userId: carl.id, role: 'org:member' });
        assert.equal(membership.organization.id, organizationId);
        assert.equal(membership.publicUserData.userId, carl.id);
        await clerk.organizations.updateOrganizationMembership({ organizationId, userId: carl.id, role: 'org:admin' });
        const marked = await clerk.organizations.updateOrganizationMembershipMetadata({ organizationId, userId: carl.id, publicMetadata: { desk: 4 } });
        assert.deepEqual(marked.publicMetadata, { desk: 4 });
        const page = await clerk.organizations.getOrganizationMembershipList({ organizationId, role: ['org:admin'], orderBy: '-created_at' });
        assert.equal(page.totalCount, 2);
        assert.equal((await clerk.users.getOrganizationMembershipList({ userId: carl.id })).totalCount, 1);
        await clerk.organizations.deleteOrganizationMembership({ organizationId, userId: carl.id });

        const invitation = await clerk.organizations.createOrganizationInvitation({
          organizationId,
          emailAddress: 'dora@example.com',
          role: 'org:member',
          inviterUserId: users.ada.id,
          redirectUrl: 'https://app.example.com/join',
        });
        assert.match(invitation.url, /\/v1\/tickets\/accept\?ticket=/);
        const bulk = await clerk.organizations.createOrganizationInvitationBulk(organizationId, [
          { emailAddress: 'e@example.com', role: 'org:member' },
          { emailAddress: 'f@example.com', role: 'org:admin' },
        ]);
        assert.equal(bulk.totalCount, 2);
        const open = await clerk.organizations.getOrganizationInvitationList({ organizationId, status: ['pending'] });
        assert.equal(open.totalCount, 4); // and the one that Ada sent
        assert.equal((await clerk.organizations.getOrganizationInvitation({ organizationId, invitationId: invitation.id })).status, 'pending');
        const revoked = await clerk.organizations.revokeOrganizationInvitation({
          organizationId,
          invitationId: invitation.id,
          requestingUserId: users.ada.id,
        });
        assert.equal(revoked.status, 'revoked');
      });

      test('domains', async () => {
        const organizationId = organization.id;
        const made = await clerk.organizations.createOrganizationDomain({ organizationId, name: 'second.test', enrollmentMode: 'manual_invitation', verified: false });
        assert.equal(made.name, 'second.test');
        const updated = await clerk.organizations.updateOrganizationDomain({ organizationId, domainId: made.id, verified: true });
        assert.equal(updated.verification.status, 'verified');
        assert.equal((await clerk.organizations.getOrganizationDomainList({ organizationId })).totalCount, 2);
        await clerk.organizations.deleteOrganizationDomain({ organizationId, domainId: made.id });
      });
    });

    test('an organization that is deleted is gone on every device', async () => {
      await bob.call('reloadUser');
      await ada.call('destroyOrganization');
      assert.equal((await bob.call('userMemberships')).length, 0);
      assert.equal(claims(await tokenOf(ada)).payload.o, undefined);
    });
  });
}
