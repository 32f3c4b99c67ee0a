// The calls on roles, permissions and sets of roles, and what tokens say of them.
import assert from 'node:assert/strict';

import { claims } from '../harness/jwt.mjs';
import { refused } from './world.mjs';

const keys = page => page.data.map(each => each.key);

export const roles = {
  async 'permissions: create, get, list, update, delete'({ clerk }) {
    const { organizationPermissions: api } = clerk;
    const made = await api.createOrganizationPermission({ name: 'Read reports', key: 'org:reports:read', description: 'All of them' });
    assert.equal((await api.getOrganizationPermission(made.id)).key, 'org:reports:read');
    assert.deepEqual(keys(await api.getOrganizationPermissionList({ query: 'reports', orderBy: 'key' })), ['org:reports:read']);
    const updated = await api.updateOrganizationPermission({ permissionId: made.id, name: 'Look at reports', key: 'org:reports:look' });
    assert.deepEqual([updated.name, updated.key], ['Look at reports', 'org:reports:look']);
    await refused(api.createOrganizationPermission({ name: 'Again', key: 'org:reports:look' }), 422);
    await refused(api.createOrganizationPermission({ name: 'No key', key: 'reports' }), 422);
    assert.equal((await api.deleteOrganizationPermission(made.id)).deleted, true);
    await refused(api.getOrganizationPermission(made.id), 404);
  },

  async 'roles: create, get, list, update, delete; what they permit is in the token'({ clerk, person, organization, signedIn }) {
    const { organizationRoles: api, organizationPermissions } = clerk;
    const permission = {};
    for (const key of ['org:teams:read', 'org:invoices:read', 'org:invoices:create']) {
      permission[key] = (await organizationPermissions.createOrganizationPermission({ name: key, key })).id;
    }
    const made = await api.createOrganizationRole({
      name: 'Clerk of accounts',
      key: 'org:accountant',
      description: 'Counts',
      permissions: [permission['org:teams:read'], permission['org:invoices:read']],
      includeInInitialRoleSet: true,
    });
    assert.equal((await api.getOrganizationRole(made.id)).key, 'org:accountant');
    assert.deepEqual(keys(await api.getOrganizationRoleList({ query: 'accountant' })), ['org:accountant']);
    const granted = await api.assignPermissionToOrganizationRole({ organizationRoleId: made.id, permissionId: permission['org:invoices:create'] });
    assert.deepEqual(granted.permissions.map(each => each.key).sort(), Object.keys(permission).sort());

    const [ada, bob] = [await person(), await person()];
    const { organizationId } = await organization(ada);
    await clerk.organizations.createOrganizationMembership({ organizationId, userId: bob.id, role: 'org:accountant' });
    const { device } = await signedIn(bob);
    await device.call('POST', `/client/sessions/${device.sessionId}/touch`, { active_organization_id: organizationId });
    const permitted = async () => {
      const token = await device.token();
      const request = new Request('http://app.example.com/api', { headers: { authorization: `Bearer ${token}` } });
      return { o: claims(token).payload.o, auth: (await clerk.authenticateRequest(request)).toAuth() };
    };
    const { o, auth } = await permitted();
    assert.deepEqual([o.id, o.rol], [organizationId, 'accountant']);
    assert.deepEqual([...auth.orgPermissions].sort(), Object.keys(permission).sort());
    assert.deepEqual([auth.has({ permission: 'org:invoices:create' }), auth.has({ permission: 'org:teams:create' })], [true, false]);

    const taken = await api.removePermissionFromOrganizationRole({ organizationRoleId: made.id, permissionId: permission['org:invoices:create'] });
    assert.equal(taken.permissions.length, 2);
    assert.deepEqual([...(await permitted()).auth.orgPermissions].sort(), ['org:invoices:read', 'org:teams:read']);
    const renamed = await api.updateOrganizationRole({ organizationRoleId: made.id, name: 'Accountant' });
    assert.equal(renamed.name, 'Accountant');
    await refused(api.deleteOrganizationRole(made.id), 400);
    await clerk.organizations.updateOrganizationMembership({ organizationId, userId: bob.id, role: 'org:member' });
    assert.equal((await api.deleteOrganizationRole(made.id)).deleted, true);
    await refused(api.getOrganizationRole(made.id), 404);
  },

  async 'role sets: create, get, list, update, add roles, replace a role, replace the set'({ clerk }) {
    const { roleSets: api, organizationRoles } = clerk;
    for (const name of ['pilot', 'navigator']) await organizationRoles.createOrganizationRole({ name, key: `org:${name}` });
    const made = await api.createRoleSet({
      name: 'Aviation',
      key: 'role_set:aviation',
      defaultRoleKey: 'org:member',
      creatorRoleKey: 'org:admin',
      roles: ['org:admin', 'org:member'],
    });
    const read = async () => (await api.getRoleSet(made.id)).roles.map(each => each.key).sort();
    assert.deepEqual(await read(), ['org:admin', 'org:member']);
    assert.deepEqual(keys(await api.getRoleSetList({ query: 'Aviation' })), ['role_set:aviation']);
    assert.equal((await api.updateRoleSet({ roleSetKeyOrId: made.id, name: 'Flying' })).name, 'Flying');
    await api.addRolesToRoleSet({ roleSetKeyOrId: made.id, roleKeys: ['org:pilot'] });
    assert.deepEqual(await read(), ['org:admin', 'org:member', 'org:pilot']);
    await api.addRolesToRoleSet({ roleSetKeyOrId: made.id, roleKeys: ['org:navigator'] });
    await api.replaceRoleInRoleSet({ roleSetKeyOrId: made.id, roleKey: 'org:pilot', toRoleKey: 'org:navigator' });
    assert.deepEqual(await read(), ['org:admin', 'org:member', 'org:navigator']);
    const initial = keys(await api.getRoleSetList()).find(key => key !== 'role_set:aviation');
    await api.replaceRoleSet({ roleSetKeyOrId: made.id, destRoleSetKey: initial, reassignmentMappings: { 'org:navigator': 'org:member' } });
    await refused(api.getRoleSet(made.id), 404);
  },
};
