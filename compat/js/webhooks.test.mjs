// Webhooks, checked with the verifier that @clerk/backend publishes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { createClerkClient } from '@clerk/backend';
import { verifyWebhook } from '@clerk/backend/webhooks';

import { Server } from './harness/server.mjs';

describe('@clerk/backend 3.25.0, webhooks', () => {
  let server, clerk, receiver, endpoint;
  const requests = [];
  let arrived;

  before(async () => {
    server = await Server.start();
    clerk = createClerkClient({ secretKey: server.secretKey, apiUrl: server.base, telemetry: { disabled: true } });
    receiver = createServer(async (incoming, outgoing) => {
      const body = Buffer.concat(await incoming.toArray());
      requests.push({ headers: incoming.headers, body });
      outgoing.writeHead(204).end();
      arrived?.();
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const answer = await fetch(new URL('/v1/webhooks/endpoints', server.base), {
      method: 'POST',
      headers: { authorization: `Bearer ${server.secretKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ url: `http://127.0.0.1:${receiver.address().port}/hook`, events: ['user.*'] }),
    });
    endpoint = await answer.json();
  });
  after(async () => {
    receiver?.close();
    await server?.stop();
  });

  async function next() {
    while (requests.length === 0) {
      await new Promise(resolve => {
        arrived = resolve;
      });
    }
    const { headers, body } = requests.shift();
    return new Request('http://127.0.0.1/hook', { method: 'POST', headers, body });
  }

  test('an event is what verifyWebhook accepts', async () => {
    const ada = await clerk.users.createUser({ emailAddress: ['ada@example.com'], firstName: 'Ada' });
    const event = await verifyWebhook(await next(), { signingSecret: endpoint.secret });
    assert.equal(event.type, 'user.created');
    assert.equal(event.data.id, ada.id);
    assert.equal(event.data.email_addresses[0].email_address, 'ada@example.com');
    assert.equal(typeof event.instance_id, 'string');
    assert.equal(typeof event.event_attributes.http_request.client_ip, 'string');
  });

  test('another secret is refused', async () => {
    await clerk.users.createUser({ emailAddress: ['bo@example.com'] });
    const other = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    await assert.rejects(verifyWebhook(await next(), { signingSecret: other }));
  });

  test('a deleted user is named', async () => {
    const { data } = await clerk.users.getUserList({ emailAddress: ['bo@example.com'] });
    await clerk.users.deleteUser(data[0].id);
    const event = await verifyWebhook(await next(), { signingSecret: endpoint.secret });
    assert.equal(event.type, 'user.deleted');
    assert.equal(event.data.id, data[0].id);
    assert.equal(event.data.deleted, true);
  });
});
