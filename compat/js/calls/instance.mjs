// The calls on the instance itself.
import assert from 'node:assert/strict';

import { refused } from './world.mjs';

export const instance = {
  async 'get and update'({ clerk, server }) {
    const found = await clerk.instance.get();
    assert.match(found.id, /^ins_/);
    assert.equal(found.environmentType, 'development');
    await clerk.instance.update({ supportEmail: 'help@example.com' });
    const environment = await (await fetch(`${server.url}/v1/environment`)).json();
    assert.equal(environment.display_config.support_email, 'help@example.com');
    await refused(clerk.instance.update({ supportEmail: 'nobody' }), 422);
  },

  async updateRestrictions({ clerk, server }) {
    const set = await clerk.instance.updateRestrictions({ blocklist: true, blockEmailSubaddresses: true });
    assert.deepEqual([set.allowlist, set.blocklist, set.blockEmailSubaddresses], [false, true, true]);
    const stored = await server.backend('GET', '/instance/settings');
    assert.equal(stored.restrictions.block_email_subaddresses, true);
    await clerk.instance.updateRestrictions({ blocklist: false, blockEmailSubaddresses: false });
  },

  async 'getOrganizationSettings and updateOrganizationSettings'({ clerk }) {
    const before = await clerk.instance.getOrganizationSettings();
    const set = await clerk.instance.updateOrganizationSettings({ maxAllowedMemberships: 7, adminDeleteEnabled: !before.adminDeleteEnabled });
    assert.equal(set.maxAllowedMemberships, 7);
    const read = await clerk.instance.getOrganizationSettings();
    assert.deepEqual([read.maxAllowedMemberships, read.adminDeleteEnabled], [7, !before.adminDeleteEnabled]);
    await clerk.instance.updateOrganizationSettings({ maxAllowedMemberships: before.maxAllowedMemberships, adminDeleteEnabled: before.adminDeleteEnabled });
  },

  async 'redirect URLs: create, get, list, delete'({ clerk }) {
    const made = await clerk.redirectUrls.createRedirectUrl({ url: 'my-app://callback' });
    assert.equal((await clerk.redirectUrls.getRedirectUrl(made.id)).url, 'my-app://callback');
    assert.deepEqual((await clerk.redirectUrls.getRedirectUrlList()).data.map(each => each.url), ['my-app://callback']);
    await refused(clerk.redirectUrls.createRedirectUrl({ url: 'javascript:alert(1)' }), 422);
    await clerk.redirectUrls.deleteRedirectUrl(made.id);
    assert.deepEqual((await clerk.redirectUrls.getRedirectUrlList()).data, []);
    await refused(clerk.redirectUrls.getRedirectUrl(made.id), 404);
  },

  async 'domains: list'({ clerk, server }) {
    const { data } = await clerk.domains.list();
    assert.equal(data.length, 1);
    assert.equal(data[0].frontendApiUrl, server.tlsUrl);
  },

  async 'proxy checks: verify'({ clerk, server }) {
    const { data } = await clerk.domains.list();
    const proxyUrl = `${server.url}/__clerk`; // leads here, to no API
    const check = await clerk.proxyChecks.verify({ domainId: data[0].id, proxyUrl });
    assert.deepEqual([check.domainId, check.proxyUrl, check.successful], [data[0].id, proxyUrl, false]);
    await refused(clerk.proxyChecks.verify({ domainId: 'dmn_other', proxyUrl }), 404);
    await refused(clerk.proxyChecks.verify({ domainId: data[0].id, proxyUrl: 'javascript:alert(1)' }), 422);
  },
};
