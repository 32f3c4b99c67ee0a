// clerk-js without a browser, as an Expo app runs it: header credentials, a
// token cache on disk, and a process that can end at any time.
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Device } from './harness/device.mjs';
import { claims } from './harness/jwt.mjs';
import { newest, releases } from './harness/releases.mjs';
import { Server } from './harness/server.mjs';

const PASSWORD = 'correct horse battery 9';
const NEW_PASSWORD = 'a different staple 7';

for (const release of releases) {
  describe(`clerk-js ${release.version}, native`, () => {
    let server, cache, device;
    const launched = [];

    before(async () => {
      const recording = release === newest ? 'clerk-js-native' : undefined;
      server = await Server.start({ recording, sdk: `@clerk/clerk-js ${release.version} wired as @clerk/expo 4.6.6` });
      cache = path.join(server.folder, 'secure-store.json');
    });
    after(async () => {
      await Promise.all(launched.map(app => app.kill()));
      await server?.stop();
    });

    async function launch(file = cache) {
      const app = await Device.launch(server, file, release);
      launched.push(app);
      return app;
    }
    async function relaunch() {
      await device?.kill();
      device = await launch();
      return device.call('load');
    }

    async function signInByCode(app, emailAddress) {
      await app.call('signIn', { identifier: emailAddress });
      await app.call('prepareFirstFactor', { strategy: 'email_code' });
      const attempt = await app.call('attemptFirstFactor', { strategy: 'email_code', code: await server.code(emailAddress) });
      assert.equal(attempt.status, 'complete');
      return app.call('activate', { sessionId: attempt.createdSessionId });
    }

    let sessionId, userId;

    test('the first launch is signed out and has a client token', async () => {
      const state = await relaunch();
      assert.equal(state.status, 'ready');
      assert.ok(state.clientId, 'GET client must give a client, not null');
      assert.equal(state.sessionId, null);
      const stored = JSON.parse(await readFile(cache, 'utf8'));
      assert.ok(stored.__clerk_client_jwt, 'the Authorization header must hand out the client token');
    });

    test('sign-up with email, password and the code from the inbox', async () => {
      const created = await device.call('signUp', { emailAddress: 'ada@example.com', password: PASSWORD });
      assert.equal(created.status, 'missing_requirements');
      assert.deepEqual(created.unverified, ['email_address']);
      assert.deepEqual(created.missing, []);
      await device.call('prepareSignUp');
      const complete = await device.call('attemptSignUp', { code: await server.code('ada@example.com') });
      assert.equal(complete.status, 'complete');
      assert.ok(complete.createdSessionId && complete.createdUserId);
      const state = await device.call('activate', { sessionId: complete.createdSessionId });
      assert.equal(state.sessionId, complete.createdSessionId);
      assert.equal(state.userId, complete.createdUserId);
      assert.equal(state.email, 'ada@example.com');
      ({ sessionId, userId } = state);
    });

    test('a session token carries the claims back ends read', async () => {
      const { header, payload } = claims(await device.call('token', { skipCache: true }));
      assert.equal(header.alg, 'RS256');
      assert.equal(header.typ, 'JWT');
      assert.ok(header.kid);
      assert.equal(payload.sub, userId);
      assert.equal(payload.sid, sessionId);
      assert.equal(payload.iss, server.tlsUrl);
      assert.equal(payload.v, 2);
      assert.equal(payload.sts, 'active');
      assert.equal(payload.fva.length, 2);
      assert.ok(payload.exp > Date.now() / 1000);
      assert.ok(payload.exp - payload.iat <= 60);
    });

    test('a new process restores the session and mints a token', async () => {
      const state = await relaunch();
      assert.equal(state.sessionId, sessionId);
      assert.equal(state.userId, userId);
      assert.equal(claims(await device.call('token', { skipCache: true })).payload.sid, sessionId);
    });

    test('a new process restores the session after the server restarted', async () => {
      await server.restart();
      assert.equal((await relaunch()).sessionId, sessionId);
      assert.equal(claims(await device.call('token', { skipCache: true })).payload.sid, sessionId);
    });

    test('a launch while the server is away loses nothing', async () => {
      await server.halt();
      await assert.rejects(relaunch(), error => /network/i.test(error.message));
      await server.resume();
      assert.equal((await relaunch()).sessionId, sessionId);
    });

    test('the profile can be read and changed', async () => {
      const user = await device.call('updateUser', { firstName: 'Ada', lastName: 'Lovelace', unsafeMetadata: { theme: 'dark' } });
      assert.deepEqual(user, { firstName: 'Ada', lastName: 'Lovelace', unsafeMetadata: { theme: 'dark' } });
      assert.equal((await device.call('reloadUser')).firstName, 'Ada');
      assert.deepEqual(await device.call('userSessions'), [{ id: sessionId, status: 'active' }]);
    });

    test('sign-out; a new process is signed out', async () => {
      assert.equal((await device.call('signOut')).sessionId, null);
      const state = await relaunch();
      assert.equal(state.sessionId, null);
      assert.deepEqual(state.sessionIds, []);
    });

    test('sign-in with password in one step', async () => {
      const attempt = await device.call('signIn', { identifier: 'ada@example.com', password: PASSWORD });
      assert.equal(attempt.status, 'complete');
      const state = await device.call('activate', { sessionId: attempt.createdSessionId });
      assert.equal(state.userId, userId);
      assert.notEqual(state.sessionId, sessionId, 'an ended session must not come back');
      await device.call('signOut');
    });

    test('sign-in with password in two steps', async () => {
      const attempt = await device.call('signIn', { identifier: 'ada@example.com' });
      assert.equal(attempt.status, 'needs_first_factor');
      for (const strategy of ['password', 'email_code', 'reset_password_email_code']) {
        assert.ok(attempt.firstFactors.includes(strategy), `${strategy} must be offered, got ${attempt.firstFactors}`);
      }
      const complete = await device.call('attemptFirstFactor', { strategy: 'password', password: PASSWORD });
      assert.equal(complete.status, 'complete');
      await device.call('activate', { sessionId: complete.createdSessionId });
      await device.call('signOut');
    });

    test('a wrong password is refused by its code and signs nobody in', async () => {
      await assert.rejects(device.call('signIn', { identifier: 'ada@example.com', password: 'not the password 1' }), error => {
        assert.equal(error.status, 422);
        assert.deepEqual(error.codes, ['form_password_incorrect']);
        return true;
      });
      assert.equal((await device.call('state')).sessionId, null);
    });

    test('sign-in with an email code, the process ending in between', async () => {
      await device.call('signIn', { identifier: 'ada@example.com' });
      const prepared = await device.call('prepareFirstFactor', { strategy: 'email_code' });
      assert.equal(prepared.firstFactor, 'unverified');
      const code = await server.code('ada@example.com');
      await relaunch();
      const complete = await device.call('attemptFirstFactor', { strategy: 'email_code', code });
      assert.equal(complete.status, 'complete');
      const state = await device.call('activate', { sessionId: complete.createdSessionId });
      assert.equal(state.userId, userId);
      await device.call('signOut');
    });

    test('a wrong code is refused and the right one still works', async () => {
      await device.call('signIn', { identifier: 'ada@example.com' });
      await device.call('prepareFirstFactor', { strategy: 'email_code' });
      const code = await server.code('ada@example.com');
      const wrong = code === '000000' ? '000001' : '000000';
      await assert.rejects(device.call('attemptFirstFactor', { strategy: 'email_code', code: wrong }), error => {
        assert.deepEqual(error.codes, ['form_code_incorrect']);
        return true;
      });
      const complete = await device.call('attemptFirstFactor', { strategy: 'email_code', code });
      assert.equal(complete.status, 'complete');
      await device.call('activate', { sessionId: complete.createdSessionId });
      await device.call('signOut');
    });

    test('a forgotten password is replaced by an email code', async () => {
      await device.call('signIn', { identifier: 'ada@example.com' });
      await device.call('prepareFirstFactor', { strategy: 'reset_password_email_code' });
      const code = await server.code('ada@example.com');
      const verified = await device.call('attemptFirstFactor', { strategy: 'reset_password_email_code', code });
      assert.equal(verified.status, 'needs_new_password');
      const complete = await device.call('resetPassword', { password: NEW_PASSWORD, signOutOfOtherSessions: true });
      assert.equal(complete.status, 'complete');
      await device.call('activate', { sessionId: complete.createdSessionId });
      await device.call('signOut');
      await assert.rejects(device.call('signIn', { identifier: 'ada@example.com', password: PASSWORD }));
      const again = await device.call('signIn', { identifier: 'ada@example.com', password: NEW_PASSWORD });
      assert.equal(again.status, 'complete');
      await device.call('activate', { sessionId: again.createdSessionId });
    });

    test('a signed-in user changes the password', async () => {
      await device.call('updatePassword', { currentPassword: NEW_PASSWORD, newPassword: PASSWORD });
      await device.call('signOut');
      const attempt = await device.call('signIn', { identifier: 'ada@example.com', password: PASSWORD });
      assert.equal(attempt.status, 'complete');
      await device.call('activate', { sessionId: attempt.createdSessionId });
    });

    test('a second user signs up by email code alone; both sessions live on one client', async () => {
      const first = (await device.call('state')).sessionId;
      const created = await device.call('signUp', { emailAddress: 'grace@example.com' });
      assert.equal(created.status, 'missing_requirements');
      await device.call('prepareSignUp');
      const complete = await device.call('attemptSignUp', { code: await server.code('grace@example.com') });
      const state = await device.call('activate', { sessionId: complete.createdSessionId });
      assert.deepEqual(new Set(state.sessionIds), new Set([first, state.sessionId]));
      assert.equal(claims(await device.call('tokenOf', { sessionId: first })).payload.sub, userId);
      assert.notEqual(claims(await device.call('token', { skipCache: true })).payload.sub, userId);

      const restored = await relaunch();
      assert.equal(restored.sessionId, state.sessionId, 'the last active session is the one restored');
      assert.equal(restored.sessionIds.length, 2);

      const switched = await device.call('activate', { sessionId: first });
      assert.equal(switched.userId, userId);
      const left = await device.call('signOut', { sessionId: first });
      assert.deepEqual(left.sessionIds, [state.sessionId]);
    });

    test('signing out of everything leaves a client that can sign in again', async () => {
      await device.call('signOut');
      assert.deepEqual((await relaunch()).sessionIds, []);
      const state = await signInByCode(device, 'grace@example.com');
      assert.equal(state.email, 'grace@example.com');
      assert.equal((await relaunch()).sessionId, state.sessionId);
    });

    test('two devices of one user are apart: one signs out, the other stays', async () => {
      const other = await launch(path.join(server.folder, 'other-device.json'));
      await other.call('load');
      const there = await signInByCode(other, 'grace@example.com');
      const here = await device.call('state');
      assert.notEqual(there.clientId, here.clientId);
      await other.call('signOut');
      assert.equal((await relaunch()).sessionId, here.sessionId);
      assert.ok(await device.call('token', { skipCache: true }));
    });

    test('a device whose store was wiped starts signed out with a fresh client', async () => {
      await device.kill();
      const before = JSON.parse(await readFile(cache, 'utf8')).__clerk_client_jwt;
      await rm(cache);
      const state = await relaunch();
      assert.equal(state.sessionId, null);
      assert.notEqual(JSON.parse(await readFile(cache, 'utf8')).__clerk_client_jwt, before);
    });
  });
}
