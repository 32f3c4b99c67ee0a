// The network between the app and the server, with the faults of networks.
import { createHash } from 'node:crypto';
import { createServer, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const CREDENTIAL = 'perennial-credential'; // the header that names the token that arrived
const PORTAL = '/portal'; // stands for a host of its own
const PORTAL_PAGE = '<!doctype html><html><head><title>Welcome</title></head><body><a href="/login">Sign in to the network</a></body></html>';

const html = (response, status, headers = {}) => {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers });
  response.end(PORTAL_PAGE);
};
const json = (response, status, body, headers = {}) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};
const envelope = (code, message) => ({ errors: [{ code, message, long_message: message }] });

// Each fault takes the exchange over, or lets it pass on and returns true.
const faults = {
  healthy: () => true,
  slow: async ({ ms }) => {
    await delay(ms, undefined, { ref: false });
    return true;
  },
  offline: (_, { socket }) => void socket.destroy(),
  'server error': ({ status }, { response }) =>
    void (status === 502
      ? html(response, status)
      : json(response, status, envelope('internal_clerk_error', 'Something went wrong.'), { 'retry-after': '1' })),
  'too many requests': (_, { response }) =>
    void json(response, 429, envelope('too_many_requests', 'Too many requests.'), { 'retry-after': '1' }),
  'portal page': (_, { response }) => void html(response, 200),
  'portal redirect': (_, { response }) => void response.writeHead(302, { location: PORTAL, 'content-length': 0 }).end(),
  'middlebox 401': ({ as }, { response }) =>
    void (as === 'html' ? html(response, 401) : json(response, 401, { error: 'authentication required' })),
  dropped: async ({ ms }, { socket }) => {
    await delay(ms, undefined, { ref: false });
    socket.destroy();
  },
  'answer lost': (_, exchange) => {
    exchange.lose = true;
    return true;
  },
};

export class Proxy {
  fault = { kind: 'healthy' };
  endings = []; // what the app asked the server to end
  rotations = 0; // how many more answers hand out a successor
  onRotation = () => {};
  void = new Set(); // client tokens that the server is to have forgotten

  static async start(target) {
    const proxy = new Proxy();
    proxy.target = new URL(target);
    proxy.sockets = new Set();
    proxy.server = createServer((request, response) => proxy.#serve(request, response));
    proxy.server.on('connection', socket => {
      proxy.sockets.add(socket);
      socket.on('error', () => {}); // the app may be killed at any time
      socket.once('close', () => proxy.sockets.delete(socket));
    });
    await new Promise(resolve => proxy.server.listen(0, '127.0.0.1', resolve));
    proxy.url = `http://127.0.0.1:${proxy.server.address().port}`;
    return proxy;
  }

  /** Sets the fault and ends connections that were made without it. */
  set(fault) {
    this.fault = fault;
    if (fault.kind === 'offline') for (const socket of this.sockets) socket.destroy();
  }

  async stop() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise(resolve => this.server.close(resolve));
  }

  async #serve(request, response) {
    const body = [];
    request.on('error', () => {});
    response.on('error', () => {});
    try {
      for await (const part of request) body.push(part);
    } catch {
      return; // the app went away
    }
    if (request.url === PORTAL) return html(response, 200);
    const exchange = { request, response, socket: request.socket, lose: false };
    const { kind, ...fault } = this.fault;
    if (!(await faults[kind](fault, exchange))) return;
    this.#note(request);
    try {
      await this.#forward(exchange, Buffer.concat(body));
    } catch {
      request.socket.destroy();
    }
  }

  #note({ method, url }) {
    const { pathname, searchParams } = new URL(url, this.target);
    const verb = searchParams.get('_method') ?? method;
    if (verb === 'DELETE' || /\/sessions\/[^/]+\/(remove|end|revoke)$/.test(pathname)) this.endings.push(`${verb} ${pathname}`);
  }

  async #forward({ request: asked, response, socket, lose }, body) {
    const sent = asked.headers.authorization;
    const forgotten = this.void.has(sent);
    if (forgotten) delete asked.headers.authorization;
    const answer = await exchangeWith(this.target, asked, body);
    const headers = { ...answer.headers };
    // A server that has forgotten a token says all the same that it got it.
    if (forgotten && headers[CREDENTIAL]) headers[CREDENTIAL] = createHash('sha256').update(sent).digest('base64url');
    delete headers.connection;
    delete headers['transfer-encoding'];
    const token = asked.headers.authorization;
    if (this.rotations > 0 && token && asked.method === 'GET' && asked.url.startsWith('/v1/client?')) {
      this.rotations--;
      headers.authorization = await successorOf(this.target, headers.authorization ?? token);
      this.onRotation(headers.authorization);
    }
    if (lose) return void socket.destroy();
    response.writeHead(answer.status, headers);
    response.end(answer.body);
  }
}

function exchangeWith(target, { method, url, headers }, body) {
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(url, target), { method, headers: { ...headers, host: target.host } }, incoming => {
      const parts = [];
      incoming.on('data', part => parts.push(part));
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode, headers: incoming.headers, body: Buffer.concat(parts) }),
      );
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Has the server replace a client token, and returns the new one. */
export async function successorOf(target, token) {
  const answer = await fetch(new URL('/dev/rotate', target), { method: 'POST', headers: { authorization: token } });
  if (!answer.ok) throw new Error(`the server did not rotate: ${answer.status} ${await answer.text()}`);
  return (await answer.json()).token;
}
