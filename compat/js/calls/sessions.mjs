// The calls on sessions, clients and what signs people in.
import assert from 'node:assert/strict';

import { verifyToken } from '@clerk/backend';

import { WireDevice } from '../harness/wire-device.mjs';
import { claims } from '../harness/jwt.mjs';
import { refused } from './world.mjs';

const ids = page => page.data.map(each => each.id);

export const sessions = {
  async 'createSession, getSession, getSessionList and revokeSession'({ clerk, person }) {
    const user = await person();
    const made = await clerk.sessions.createSession({ userId: user.id });
    assert.deepEqual([made.userId, made.status], [user.id, 'active']);
    assert.equal((await clerk.sessions.getSession(made.id)).clientId, made.clientId);
    for (const filter of [{ userId: user.id }, { clientId: made.clientId }, { userId: user.id, status: 'active' }]) {
      const page = await clerk.sessions.getSessionList(filter);
      assert.deepEqual([ids(page), page.totalCount], [[made.id], 1], JSON.stringify(filter));
    }
    assert.equal((await clerk.sessions.revokeSession(made.id)).status, 'revoked');
    assert.deepEqual(ids(await clerk.sessions.getSessionList({ userId: user.id, status: 'active' })), []);
    assert.deepEqual(ids(await clerk.sessions.getSessionList({ userId: user.id, status: 'revoked' })), [made.id]);
    await refused(clerk.sessions.createSession({ userId: 'user_nobody' }), 404, 'resource_not_found');
  },

  async 'getToken, plain, for some time and of a template'({ clerk, server, person }) {
    const user = await person();
    const { id } = await clerk.sessions.createSession({ userId: user.id });
    const { jwt } = await clerk.sessions.getToken(id);
    const payload = await verifyToken(jwt, { secretKey: server.secretKey, apiUrl: server.url });
    assert.deepEqual([payload.sub, payload.sid], [user.id, id]);
    const { payload: long } = claims((await clerk.sessions.getToken(id, undefined, 600)).jwt);
    assert.equal(long.exp - long.iat, 600);
    const template = await clerk.jwtTemplates.create({ name: 'for-calls', claims: { who: '{{user.id}}' }, lifetime: 90 });
    const { payload: custom } = claims((await clerk.sessions.getToken(id, 'for-calls')).jwt);
    assert.deepEqual([custom.who, custom.exp - custom.iat, custom.sid], [user.id, 90, undefined]);
    await clerk.jwtTemplates.delete(template.id);
    await refused(clerk.sessions.getToken(id, 'for-calls'), 404);
    await clerk.sessions.revokeSession(id);
    await refused(clerk.sessions.getToken(id), 404, 'resource_not_found');
  },

  async 'verifySession takes a token of this session alone'({ clerk, person }) {
    const user = await person();
    const [one, other] = [await clerk.sessions.createSession({ userId: user.id }), await clerk.sessions.createSession({ userId: user.id })];
    const { jwt } = await clerk.sessions.getToken(one.id);
    assert.equal((await clerk.sessions.verifySession(one.id, jwt)).id, one.id);
    await refused(clerk.sessions.verifySession(other.id, jwt), 404, 'resource_not_found');
    await refused(clerk.sessions.verifySession(one.id, `${jwt.slice(0, -6)}AAAAAA`), 404, 'resource_not_found');
    await clerk.sessions.revokeSession(one.id);
    await refused(clerk.sessions.verifySession(one.id, jwt), 404, 'resource_not_found');
  },

  // Browsers hold no refresh tokens: the SDK then goes the way of the handshake.
  async 'refreshSession is refused as a refresh token that is not valid'({ clerk, person }) {
    const { id } = await clerk.sessions.createSession({ userId: (await person()).id });
    const given = { expired_token: 'a.b.c', refresh_token: 'none', request_origin: 'https://app.example.com', format: 'cookie' };
    await refused(clerk.sessions.refreshSession(id, given), 401);
  },

  async 'getClientList, getClient and verifyClient'({ clerk, person, signedIn }) {
    const user = await person();
    const { device, client, sessionId } = await signedIn(user);
    const listed = await clerk.clients.getClientList({ limit: 1 });
    assert.deepEqual([ids(listed), listed.data[0].sessionIds], [[client.id], [sessionId]]);
    const found = await clerk.clients.getClient(client.id);
    assert.deepEqual([found.lastActiveSessionId, found.sessions[0].userId], [sessionId, user.id]);
    assert.equal((await clerk.clients.verifyClient(device.credential)).id, client.id);
    await refused(clerk.clients.verifyClient('none'), 404, 'resource_not_found');
    await refused(clerk.clients.getClient('client_none'), 404, 'resource_not_found');
  },

  // Handshakes bring their payload along: there is no nonce that stands for one.
  async 'getHandshakePayload is refused as a payload that is not there'({ clerk }) {
    await refused(clerk.clients.getHandshakePayload({ nonce: 'none' }), 404, 'resource_not_found');
  },

  async 'createSignInToken and revokeSignInToken'({ clerk, server, person, signedIn }) {
    const user = await person();
    await signedIn(user);
    const made = await clerk.signInTokens.createSignInToken({ userId: user.id, expiresInSeconds: 60 });
    assert.deepEqual([made.status, made.userId], ['pending', user.id]);
    assert.equal((await clerk.signInTokens.revokeSignInToken(made.id)).status, 'revoked');
    const device = await WireDevice.launch(server);
    await refused(device.signIn(made.token), 422, 'ticket_invalid_code');
  },

  async 'actor tokens: create and revoke'({ clerk, server, person }) {
    const [user, admin] = [await person(), await person()];
    const made = await clerk.actorTokens.create({ userId: user.id, actor: { sub: admin.id }, expiresInSeconds: 60, sessionMaxDurationInSeconds: 600 });
    const device = await WireDevice.launch(server);
    await device.signIn(made.token);
    const { payload } = claims(await device.token());
    assert.deepEqual([payload.sub, payload.act], [user.id, { sub: admin.id }]);
    assert.deepEqual((await clerk.sessions.getSession(device.sessionId)).actor, { sub: admin.id });
    const other = await clerk.actorTokens.create({ userId: user.id, actor: { sub: admin.id }, expiresInSeconds: 60 });
    assert.equal((await clerk.actorTokens.revoke(other.id)).status, 'revoked');
    const late = await WireDevice.launch(server);
    await refused(late.signIn(other.token), 422, 'ticket_invalid_code');
  },

  async 'createTestingToken makes one that is not used up'({ clerk, server }) {
    const { token, expires_at } = await clerk.testingTokens.createTestingToken();
    assert.ok(expires_at > Date.now() / 1000);
    for (let visit = 0; visit < 2; visit++) {
      const answer = await fetch(`${server.url}/v1/client?_is_native=1&__clerk_testing_token=${encodeURIComponent(token)}`);
      assert.equal(answer.status, 200);
    }
  },

  async 'getJwks names the key that signs'({ clerk, person }) {
    const { keys } = await clerk.jwks.getJwks();
    const { id } = await clerk.sessions.createSession({ userId: (await person()).id });
    const { header } = claims((await clerk.sessions.getToken(id)).jwt);
    assert.deepEqual(keys.filter(key => key.kid === header.kid).map(key => [key.alg, key.kty, key.use]), [['RS256', 'RSA', 'sig']]);
  },

  async 'JWT templates: create, get, list, update, delete'({ clerk }) {
    const given = { name: 'supabase', claims: { role: 'authenticated' }, lifetime: 120, allowedClockSkew: 3 };
    const made = await clerk.jwtTemplates.create({ ...given, customSigningKey: true, signingAlgorithm: 'HS256', signingKey: 'k'.repeat(40) });
    assert.deepEqual([made.name, made.lifetime, made.allowedClockSkew, made.signingAlgorithm, made.customSigningKey], ['supabase', 120, 3, 'HS256', true]);
    assert.equal(JSON.stringify(made).includes('kkkk'), false, 'the key is told to nobody');
    assert.deepEqual((await clerk.jwtTemplates.get(made.id)).claims, { role: 'authenticated' });
    assert.ok(ids(await clerk.jwtTemplates.list()).includes(made.id));
    const updated = await clerk.jwtTemplates.update({ templateId: made.id, ...given, lifetime: 60 });
    assert.equal(updated.lifetime, 60);
    assert.equal((await clerk.jwtTemplates.delete(made.id)).deleted, true);
    await refused(clerk.jwtTemplates.get(made.id), 404);
    await refused(clerk.jwtTemplates.create({ ...given, claims: { sub: 'somebody' } }), 422);
  },
};
