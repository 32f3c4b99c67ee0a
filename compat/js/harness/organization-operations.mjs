// What an app does with organizations, for the process of a Device.
const membershipState = membership => ({
  organization: membership.organization.id,
  slug: membership.organization.slug,
  name: membership.organization.name,
  role: membership.role,
  roleName: membership.roleName,
  permissions: membership.permissions,
  user: membership.publicUserData?.userId ?? null,
  identifier: membership.publicUserData?.identifier ?? null,
});

const domainState = domain => ({
  id: domain.id,
  name: domain.name,
  mode: domain.enrollmentMode,
  status: domain.verification?.status ?? null,
});

export function organizationOperations(clerkOf) {
  const current = () => clerkOf().organization;
  const domain = async id => current().getDomain({ domainId: id });
  return {
    async signUpByTicket(params) {
      const attempt = await clerkOf().client.signUp.create({ strategy: 'ticket', ...params });
      return { status: attempt.status, createdSessionId: attempt.createdSessionId };
    },
    async createOrganization(params) {
      const made = await clerkOf().createOrganization(params);
      return { id: made.id, name: made.name, slug: made.slug, members: made.membersCount };
    },
    async organizationState() {
      const clerk = clerkOf();
      return {
        active: clerk.organization?.id ?? null,
        session: clerk.session.lastActiveOrganizationId,
        memberships: clerk.user.organizationMemberships.map(membershipState),
        may: clerk.organization ? clerk.session.checkAuthorization({ permission: 'org:sys_memberships:manage' }) : null,
      };
    },
    async activateOrganization({ organization }) {
      await clerkOf().setActive({ organization });
    },
    async updateOrganization(params) {
      const changed = await current().update(params);
      return { name: changed.name, slug: changed.slug };
    },
    async setOrganizationLogo({ base64 }) {
      const changed = await current().setLogo({ file: `data:image/png;base64,${base64}` });
      return { hasImage: changed.hasImage, imageUrl: changed.imageUrl };
    },
    async organizationRoles() {
      const page = await current().getRoles();
      return page.data.map(role => ({ key: role.key, name: role.name, permissions: role.permissions.map(each => each.key) }));
    },
    async organizationMembers(params) {
      const page = await current().getMemberships(params);
      return { total: page.total_count, members: page.data.map(membershipState) };
    },
    async updateMember({ userId, role }) {
      return membershipState(await current().updateMember({ userId, role }));
    },
    async removeMember({ userId }) {
      return membershipState(await current().removeMember(userId));
    },
    async inviteMember({ emailAddress, role }) {
      const made = await current().inviteMember({ emailAddress, role });
      return { id: made.id, status: made.status, emailAddress: made.emailAddress };
    },
    async inviteMembers({ emailAddresses, role }) {
      return (await current().inviteMembers({ emailAddresses, role })).map(each => each.emailAddress);
    },
    async organizationInvitations(params) {
      const page = await current().getInvitations(params);
      return page.data.map(each => ({ id: each.id, status: each.status, emailAddress: each.emailAddress }));
    },
    async revokeInvitation({ id }) {
      const page = await current().getInvitations();
      return (await page.data.find(each => each.id === id).revoke()).status;
    },
    async userInvitations() {
      const page = await clerkOf().user.getOrganizationInvitations({ status: 'pending' });
      return page.data.map(each => ({ id: each.id, role: each.role, organization: each.publicOrganizationData.name }));
    },
    async acceptInvitation({ id }) {
      const page = await clerkOf().user.getOrganizationInvitations();
      return (await page.data.find(each => each.id === id).accept()).status;
    },
    async userMemberships() {
      const page = await clerkOf().user.getOrganizationMemberships();
      return page.data.map(membershipState);
    },
    async leaveOrganization({ id }) {
      return clerkOf().user.leaveOrganization(id);
    },
    async destroyOrganization() {
      await current().destroy();
    },
    async createDomain({ name }) {
      return domainState(await current().createDomain(name));
    },
    async prepareDomain({ id, address }) {
      return domainState(await (await domain(id)).prepareAffiliationVerification({ affiliationEmailAddress: address }));
    },
    async attemptDomain({ id, code }) {
      return domainState(await (await domain(id)).attemptAffiliationVerification({ code }));
    },
    async updateDomainMode({ id, mode }) {
      return domainState(await (await domain(id)).updateEnrollmentMode({ enrollmentMode: mode }));
    },
    async userSuggestions() {
      const page = await clerkOf().user.getOrganizationSuggestions({ status: ['pending', 'accepted'] });
      return page.data.map(each => ({ id: each.id, status: each.status, organization: each.publicOrganizationData.id }));
    },
    async acceptSuggestion({ id }) {
      const page = await clerkOf().user.getOrganizationSuggestions();
      return (await page.data.find(each => each.id === id).accept()).status;
    },
    async membershipRequests() {
      const page = await current().getMembershipRequests({ status: 'pending' });
      return page.data.map(each => ({ id: each.id, identifier: each.publicUserData.identifier }));
    },
    async acceptRequest({ id }) {
      const page = await current().getMembershipRequests();
      return (await page.data.find(each => each.id === id).accept()).status;
    },
  };
}
