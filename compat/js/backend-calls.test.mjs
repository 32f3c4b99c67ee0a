// Every call that @clerk/backend offers, on a running server: a call that no
// test makes, and one that a new release adds, fails the last test.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { admission } from './calls/admission.mjs';
import { identifications } from './calls/identifications.mjs';
import { instance } from './calls/instance.mjs';
import { alwaysRefused, leftOut, unpublished } from './calls/left-out.mjs';
import { organizations } from './calls/organizations.mjs';
import { roles } from './calls/roles.mjs';
import { sessions } from './calls/sessions.mjs';
import { userFactors } from './calls/user-factors.mjs';
import { users } from './calls/users.mjs';
import { refused, world } from './calls/world.mjs';
import { coverage } from './harness/coverage.mjs';
import { Provider } from './harness/provider.mjs';
import { Server } from './harness/server.mjs';

const SETTINGS = {
  username: 'optional',
  phone_number: 'optional',
  second_factors: { phone_code: true },
  passkeys: { enabled: true, rp_id: 'example.com' },
  native_apps: { apple: ['ABCDE12345.com.example.app'] }, // passkeys of an app are made for the domain of its site
};
const resources = { users, userFactors, identifications, sessions, organizations, roles, admission, instance };

describe('@clerk/backend 3.25.0, every call', () => {
  let server, provider, here;

  before(async () => {
    server = await Server.start({ settings: SETTINGS });
    provider = await Provider.start(server, { grace: 'grace@elsewhere.test' });
    here = world(server, provider);
  });
  after(async () => {
    provider?.stop();
    await server?.stop();
  });

  for (const [resource, calls] of Object.entries(resources)) {
    describe(resource, () => {
      for (const [name, call] of Object.entries(calls)) test(name, () => call(here));
    });
  }

  for (const [name, given] of Object.entries(leftOut)) {
    test(`${name} is left out for a reason`, async () => {
      await refused(here.log.calls.get(name)(...given), 501, 'not_implemented');
      assert.match(coverage(here.log.operation) ?? '', /^not implemented: ./, here.log.operation);
    });
  }

  for (const [name, given] of Object.entries(unpublished)) {
    test(`${name} asks for what no document publishes`, async () => {
      await refused(here.log.calls.get(name)(...given), 404, 'resource_not_found');
      assert.equal(coverage(here.log.operation), undefined, here.log.operation);
    });
  }

  // A call of a new release, or one that somebody took out of the tests, ends up here.
  test('no call is left', () => {
    const { offered, succeeded, refused: asked } = here.log;
    const excused = [...Object.keys(leftOut), ...Object.keys(unpublished), ...alwaysRefused];
    assert.deepEqual(offered.filter(name => !succeeded.has(name) && !excused.includes(name)), [], 'not called, or never with success');
    assert.deepEqual(excused.filter(name => succeeded.has(name) || !asked.has(name)), [], 'excused without a cause');
  });
});
