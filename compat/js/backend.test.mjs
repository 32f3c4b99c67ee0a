// @clerk/backend: an application's own server, with the secret key.
import assert from 'node:assert/strict';
import { createHash, createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { createClerkClient, verifyToken } from '@clerk/backend';

import { Device } from './harness/device.mjs';
import { claims } from './harness/jwt.mjs';
import { Server } from './harness/server.mjs';

const PASSWORD = 'correct horse battery 9';

describe('@clerk/backend 3.25.0', () => {
  let server, clerk, ada, device, cache, signedIn, token;

  before(async () => {
    server = await Server.start({ recording: 'clerk-backend', sdk: '@clerk/backend 3.25.0' });
    clerk = createClerkClient({
      secretKey: server.secretKey,
      publishableKey: server.publishableKey,
      apiUrl: server.base,
      telemetry: { disabled: true },
    });
    cache = path.join(server.folder, 'secure-store.json');
    ada = await clerk.users.createUser({ emailAddress: ['ada@example.com'], password: PASSWORD });
  });
  after(async () => {
    await device?.kill();
    await server?.stop();
  });

  // The person whose session the back end sees.
  async function signIn() {
    if (signedIn) return;
    device = await Device.launch(server, cache);
    await device.call('load');
    const attempt = await device.call('signIn', { identifier: 'ada@example.com', password: PASSWORD });
    signedIn = await device.call('activate', { sessionId: attempt.createdSessionId });
    token = await device.call('token', { skipCache: true });
  }

  describe('tokens', () => {
    before(signIn);

    test('verifyToken fetches the keys by the secret key', async () => {
      const payload = await verifyToken(token, { secretKey: server.secretKey, apiUrl: server.base });
      assert.equal(payload.sub, signedIn.userId);
      assert.equal(payload.sid, signedIn.sessionId);
    });

    test('verifyToken works without network by the PEM of the key', async () => {
      const { keys } = await (await fetch(new URL('/.well-known/jwks.json', server.url))).json();
      const key = keys.find(each => each.kid === claims(token).header.kid);
      assert.equal(key.alg, 'RS256');
      const jwtKey = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
      const payload = await verifyToken(token, { jwtKey });
      assert.equal(payload.sub, signedIn.userId);
    });

    test('a token that was changed is refused', async () => {
      const [header, payload, signature] = token.split('.');
      const forged = JSON.parse(Buffer.from(payload, 'base64url'));
      forged.sub = 'user_somebodyelse';
      const changed = [header, Buffer.from(JSON.stringify(forged)).toString('base64url'), signature].join('.');
      await assert.rejects(verifyToken(changed, { secretKey: server.secretKey, apiUrl: server.base }), {
        reason: 'token-invalid-signature',
      });
    });

    test('a wrong secret key gets no keys', async () => {
      await assert.rejects(verifyToken(token, { secretKey: 'sk_test_wrong', apiUrl: server.base, skipJwksCache: true }));
    });

    test('authenticateRequest accepts a bearer token', async () => {
      const request = new Request('http://app.example.com/api', { headers: { authorization: `Bearer ${token}` } });
      const state = await clerk.authenticateRequest(request);
      assert.equal(state.status, 'signed-in', state.reason);
      const auth = state.toAuth();
      assert.equal(auth.userId, signedIn.userId);
      assert.equal(auth.sessionId, signedIn.sessionId);
    });

    for (const suffixed of [true, false]) {
      test(`authenticateRequest accepts ${suffixed ? 'suffixed' : 'plain'} cookies`, async () => {
        const suffix = suffixed ? `_${cookieSuffix(server.publishableKey)}` : '';
        const cookie = [
          `__session${suffix}=${token}`,
          `__client_uat${suffix}=${claims(token).payload.iat - 5}`,
          `__clerk_db_jwt${suffix}=any`,
        ].join('; ');
        const request = new Request('http://app.example.com/', { headers: { cookie, accept: 'application/json' } });
        const state = await clerk.authenticateRequest(request);
        assert.equal(state.status, 'signed-in', `${state.reason}: ${state.message}`);
        assert.equal(state.toAuth().userId, signedIn.userId);
      });
    }

    test('authenticateRequest without credentials is signed out', async () => {
      const request = new Request('http://app.example.com/api', { headers: { accept: 'application/json' } });
      const state = await clerk.authenticateRequest(request);
      assert.equal(state.status, 'signed-out');
    });
  });

  describe('users', () => {
    let user;

    test('create, with everything an import sets', async () => {
      user = await clerk.users.createUser({
        emailAddress: ['grace@example.com'],
        password: PASSWORD,
        firstName: 'Grace',
        lastName: 'Hopper',
        publicMetadata: { plan: 'navy' },
        privateMetadata: { note: 'bug' },
        unsafeMetadata: { theme: 'light' },
        externalId: 'ext-1',
      });
      assert.match(user.id, /^user_/);
      assert.equal(user.firstName, 'Grace');
      assert.equal(user.primaryEmailAddress.emailAddress, 'grace@example.com');
      assert.equal(user.primaryEmailAddress.verification.status, 'verified');
      assert.deepEqual(user.primaryEmailAddress.linkedTo, []);
      assert.equal(user.passwordEnabled, true);
      assert.deepEqual(user.publicMetadata, { plan: 'navy' });
      assert.deepEqual(user.privateMetadata, { note: 'bug' });
      assert.equal(user.externalId, 'ext-1');
    });

    test('get', async () => {
      const found = await clerk.users.getUser(user.id);
      assert.equal(found.id, user.id);
      assert.equal(found.lastName, 'Hopper');
    });

    test('a taken address is refused by its code', async () => {
      await assert.rejects(clerk.users.createUser({ emailAddress: ['grace@example.com'], password: PASSWORD }), error => {
        assert.equal(error.status, 422);
        assert.equal(error.errors[0].code, 'form_identifier_exists');
        return true;
      });
    });

    test('list, count and filter', async () => {
      const all = await clerk.users.getUserList({ orderBy: '+created_at' });
      assert.deepEqual(all.data.map(each => each.id), [ada.id, user.id]);
      assert.equal(all.totalCount, 2);
      assert.equal(await clerk.users.getCount(), 2);
      const byAddress = await clerk.users.getUserList({ emailAddress: ['grace@example.com'] });
      assert.deepEqual(byAddress.data.map(each => each.id), [user.id]);
      assert.equal(byAddress.totalCount, 1);
      const byId = await clerk.users.getUserList({ userId: [ada.id] });
      assert.deepEqual(byId.data.map(each => each.id), [ada.id]);
      const page = await clerk.users.getUserList({ limit: 1, offset: 1, orderBy: '+created_at' });
      assert.deepEqual(page.data.map(each => each.id), [user.id]);
      assert.equal(page.totalCount, 2);
      assert.deepEqual((await clerk.users.getUserList({ emailAddress: ['nobody@example.com'] })).data, []);
    });

    test('update', async () => {
      const updated = await clerk.users.updateUser(user.id, { firstName: 'Rear Admiral' });
      assert.equal(updated.firstName, 'Rear Admiral');
      assert.equal(updated.lastName, 'Hopper');
      assert.deepEqual(updated.publicMetadata, { plan: 'navy' });
    });

    test('metadata is merged, and null removes', async () => {
      const first = await clerk.users.updateUserMetadata(user.id, { publicMetadata: { language: 'cobol', old: 1 } });
      assert.deepEqual(first.publicMetadata, { plan: 'navy', language: 'cobol', old: 1 });
      const second = await clerk.users.updateUserMetadata(user.id, { publicMetadata: { old: null } });
      assert.deepEqual(second.publicMetadata, { plan: 'navy', language: 'cobol' });
      assert.deepEqual(second.privateMetadata, { note: 'bug' });
    });

    test('a password can be checked', async () => {
      assert.equal((await clerk.users.verifyPassword({ userId: user.id, password: PASSWORD })).verified, true);
      await assert.rejects(clerk.users.verifyPassword({ userId: user.id, password: 'not the password 1' }), { status: 422 });
    });

    test('ban and lock, and back', async () => {
      assert.equal((await clerk.users.banUser(user.id)).banned, true);
      assert.equal((await clerk.users.unbanUser(user.id)).banned, false);
      assert.equal((await clerk.users.lockUser(user.id)).locked, true);
      assert.equal((await clerk.users.unlockUser(user.id)).locked, false);
    });

    test('a user made here can sign in on a device', async () => {
      const app = await Device.launch(server, path.join(server.folder, 'grace.json'));
      try {
        await app.call('load');
        const attempt = await app.call('signIn', { identifier: 'grace@example.com', password: PASSWORD });
        assert.equal(attempt.status, 'complete');
        assert.equal((await app.call('activate', { sessionId: attempt.createdSessionId })).userId, user.id);
      } finally {
        await app.kill();
      }
    });

    test('delete; then the user is not found', async () => {
      const deleted = await clerk.users.deleteUser(user.id);
      assert.equal(deleted.id, user.id);
      await assert.rejects(clerk.users.getUser(user.id), error => {
        assert.equal(error.status, 404);
        assert.equal(error.errors[0].code, 'resource_not_found');
        return true;
      });
      assert.equal(await clerk.users.getCount(), 1);
    });
  });

  describe('sign-in tokens', () => {
    test('a device signs in with one, once', async () => {
      const created = await clerk.signInTokens.createSignInToken({ userId: ada.id, expiresInSeconds: 300 });
      assert.equal(created.status, 'pending');
      assert.equal(created.userId, ada.id);
      const app = await Device.launch(server, path.join(server.folder, 'ticket.json'));
      try {
        await app.call('load');
        const attempt = await app.call('signIn', { strategy: 'ticket', ticket: created.token });
        assert.equal(attempt.status, 'complete');
        const state = await app.call('activate', { sessionId: attempt.createdSessionId });
        assert.equal(state.userId, ada.id);
        await app.call('signOut');
        await assert.rejects(app.call('signIn', { strategy: 'ticket', ticket: created.token }));
      } finally {
        await app.kill();
      }
    });

    test('a revoked one signs nobody in', async () => {
      const created = await clerk.signInTokens.createSignInToken({ userId: ada.id, expiresInSeconds: 300 });
      const revoked = await clerk.signInTokens.revokeSignInToken(created.id);
      assert.equal(revoked.status, 'revoked');
    });
  });

  describe('clients', () => {
    before(signIn);

    test('verifyClient names the client and its sessions', async () => {
      const credential = JSON.parse(await readFile(cache, 'utf8')).__clerk_client_jwt;
      const client = await clerk.clients.verifyClient(credential);
      assert.equal(client.id, signedIn.clientId);
      assert.deepEqual(client.sessionIds, [signedIn.sessionId]);
      assert.equal(client.sessions[0].id, signedIn.sessionId);
      assert.equal(client.lastActiveSessionId, signedIn.sessionId);
    });

    test('a foreign credential is refused', async () => {
      await assert.rejects(clerk.clients.verifyClient('not.a.token'), error => error.status >= 400 && error.status < 500);
    });
  });

  describe('sessions', () => {
    before(signIn);

    test('get and list', async () => {
      const session = await clerk.sessions.getSession(signedIn.sessionId);
      assert.equal(session.id, signedIn.sessionId);
      assert.equal(session.userId, signedIn.userId);
      assert.equal(session.clientId, signedIn.clientId);
      assert.equal(session.status, 'active');
      const active = await clerk.sessions.getSessionList({ userId: signedIn.userId, status: 'active' });
      assert.deepEqual(active.data.map(each => each.id), [signedIn.sessionId]);
      assert.equal(active.totalCount, 1);
    });

    test('revoke; the device is signed out, and only then', async () => {
      assert.ok(await device.call('token', { skipCache: true }));
      const revoked = await clerk.sessions.revokeSession(signedIn.sessionId);
      assert.equal(revoked.status, 'revoked');
      assert.equal((await clerk.sessions.revokeSession(signedIn.sessionId)).status, 'revoked', 'revoking twice is no error');
      // The running app learns it from the refusal of its next token, and asks
      // once more before it believes it.
      await device.call('token', { skipCache: true }).catch(error => assert.equal(error.status, 401));
      assert.equal((await device.call('state')).sessionId, null);
      await device.kill();
      device = await Device.launch(server, cache);
      assert.equal((await device.call('load')).sessionId, null);
    });
  });
});

// How the SDKs derive the suffix of their cookies from the publishable key.
function cookieSuffix(publishableKey) {
  return createHash('sha1').update(publishableKey).digest('base64url').slice(0, 8);
}
