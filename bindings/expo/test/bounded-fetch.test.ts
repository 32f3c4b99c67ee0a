import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { boundFetch, createBoundedFetch, type Fetch } from '../src/bounded-fetch.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that answers as told, until the test is over. */
async function serve(answer: Answer): Promise<{ url: string; server: Server }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const json = (status: number, body: unknown): Answer => (_, response) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
const page = (status: number): Answer => (_, response) => {
  response.writeHead(status, { 'content-type': 'text/html' }).end('<html>Welcome to the hotel</html>');
};
const silence: Answer = () => {};

const client = '/v1/client?_is_native=1&_clerk_js_version=6.0.0';

test('what proves nothing is a network failure, within the limit', async (t) => {
  for (const [name, answer] of Object.entries({
    'an error of the server': json(500, { errors: [] }),
    'a gateway': page(502),
    'a wish for silence': json(429, { errors: [] }),
    'a captive portal': page(200),
    'a middlebox': page(401),
    'no answer at all': silence,
  })) {
    const { url, server } = await serve(answer);
    t.after(() => (server.closeAllConnections(), server.close()));
    const bounded = createBoundedFetch(fetch, { first: 300, last: 300 });
    for (const path of [client, '/v1/environment?_is_native=1']) {
      await assert.rejects(bounded(url + path), { name: 'TypeError', message: /Network request failed/ }, name);
    }
  }
});

test('answers in the published form pass, refusals among them', async (t) => {
  for (const status of [200, 401, 403, 404, 422]) {
    const { url, server } = await serve(json(status, { status }));
    t.after(() => server.close());
    const answer = await createBoundedFetch(fetch)(url + client);
    assert.equal(answer.status, status);
    assert.deepEqual(await answer.json(), { status });
  }
});

test('a slow network gets through in the end', async (t) => {
  const { url, server } = await serve((request, response) => {
    setTimeout(() => json(200, {})(request, response), 250);
  });
  t.after(() => server.close());
  const bounded = createBoundedFetch(fetch, { first: 50, last: 2000 });
  const limits: string[] = [];
  for (;;) {
    const failed = await bounded(url + client).then(() => null, (error: Error) => error.message);
    if (failed === null) break;
    limits.push(failed.replace(/\D/g, ''));
  }
  assert.deepEqual(limits.slice(0, 3), ['50', '100', '200']);
});

test('nothing else is touched', async () => {
  const asked: unknown[] = [];
  const inner = ((...args: unknown[]) => (asked.push(args), Promise.resolve(new Response('busy', { status: 503 })))) as Fetch;
  const bounded = createBoundedFetch(inner);
  for (const [address, init] of [
    [`https://x.test${client}`, { method: 'POST' }],
    [`https://x.test${client}&_method=DELETE`, undefined],
    ['https://x.test/v1/client/sessions/sess_1/tokens?_is_native=1', undefined],
    ['https://x.test/v1/client', undefined],
    [new URL('https://x.test/anything'), undefined],
    [new Request('https://x.test/anything'), undefined],
  ] as const) {
    assert.equal((await bounded(address, init)).status, 503);
  }
  assert.equal(asked.length, 6);
});

test('is installed once', async () => {
  let asked = 0;
  const target = { fetch: (() => (asked++, Promise.resolve(Response.json({})))) as Fetch };
  boundFetch(target);
  const first = target.fetch;
  boundFetch(target);
  assert.equal(target.fetch, first);
  await target.fetch(`https://x.test${client}`);
  assert.equal(asked, 1);
});
