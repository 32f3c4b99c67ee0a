// What the calls are made on: people, organizations and devices of one server.
import assert from 'node:assert/strict';

import { createClerkClient } from '@clerk/backend';

import { CallLog } from '../harness/call-log.mjs';
import { WireDevice } from '../harness/wire-device.mjs';

/** A picture of one pixel. */
export const PIXEL = new Blob(
  [Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64')],
  { type: 'image/png' },
);

/** Expects a refusal in the published envelope, and its code where it matters. */
export async function refused(promise, status, code) {
  await assert.rejects(promise, error => {
    assert.equal(error.status, status, error.message);
    const given = error.errors?.[0].code ?? error.code;
    if (code) assert.equal(given, code);
    else assert.match(given, /^[a-z_]+$/);
    return true;
  });
}

/** The SDK on a server, with its calls counted, and ways to make what they act on. */
export function world(server, provider) {
  const clerk = createClerkClient({
    secretKey: server.secretKey,
    publishableKey: server.publishableKey,
    apiUrl: server.url,
    telemetry: { disabled: true },
  });
  const log = new CallLog(clerk);
  let people = 0;
  let organizations = 0;
  return {
    server,
    clerk,
    log,
    person: given => clerk.users.createUser({ emailAddress: [`person${++people}@example.com`], skipPasswordRequirement: true, ...given }),
    async organization(creator, given) {
      const made = await clerk.organizations.createOrganization({
        name: `Organization ${++organizations}`,
        slug: `organization-${organizations}`,
        createdBy: creator.id,
        ...given,
      });
      return { organizationId: made.id, organization: made };
    },
    /** Somebody who signed up with the account at the provider. */
    async signUpElsewhere(name) {
      const device = await WireDevice.launch(server);
      const begun = (await device.call('POST', '/client/sign_ups', { strategy: 'oauth_custom_idp', redirect_url: 'my-app://callback' })).response;
      const back = await provider.consent(new URL(begun.verifications.external_account.external_verification_redirect_url), name);
      const nonce = back.searchParams.get('rotating_token_nonce');
      const { response } = await device.call('GET', `/client/sign_ups/${begun.id}`, { rotating_token_nonce: nonce });
      return { device, userId: response.created_user_id };
    },
    /** A device on which somebody is signed in. */
    async signedIn(user) {
      const { token } = await clerk.signInTokens.createSignInToken({ userId: user.id, expiresInSeconds: 60 });
      const device = await WireDevice.launch(server);
      const client = await device.signIn(token);
      return { device, client, sessionId: device.sessionId };
    },
  };
}
