// The page of an app that uses clerk-js in a browser, on an origin of its own.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import path from 'node:path';

import { certificate } from './certificate.mjs';

const dist = path.dirname(createRequire(import.meta.url).resolve('@clerk/clerk-js'));

export class Page {
  /** Serves the page; over TLS when `certificates` names a folder to make a
   * certificate in. A browser keeps cookies of a secure server from a page that
   * is not, so page and server use the same scheme. Documents below /protected
   * are for whom `authenticate` (of @clerk/backend) finds signed in. */
  static async serve({ publishableKey, proxyUrl, certificates, authenticate }) {
    const page = new Page();
    const handle = (request, response) => page.answer(request, response, { publishableKey, proxyUrl, authenticate });
    page.listener = certificates ? https.createServer(certificate(certificates), handle) : http.createServer(handle);
    await new Promise(resolve => page.listener.listen(0, '127.0.0.1', resolve));
    page.url = `${certificates ? 'https' : 'http'}://127.0.0.1:${page.listener.address().port}`;
    return page;
  }

  async answer(request, response, { publishableKey, proxyUrl, authenticate }) {
    const { pathname } = new URL(request.url, 'http://page');
    if (pathname === '/protected') return this.protect(request, response, authenticate);
    if (pathname === '/') {
      const proxy = proxyUrl ? `data-clerk-proxy-url="${proxyUrl}"` : '';
      response.setHeader('Content-Type', 'text/html');
      return response.end(`<!doctype html><title>app</title>
<script src="/clerk-js/clerk.browser.js" data-clerk-publishable-key="${publishableKey}" ${proxy}></script>`);
    }
    const file = path.join(dist, path.basename(pathname));
    if (!pathname.startsWith('/clerk-js/') || !(await stat(file).catch(() => null))) {
      response.statusCode = 404;
      return response.end();
    }
    response.setHeader('Content-Type', 'text/javascript');
    createReadStream(file).pipe(response);
  }

  async protect(request, response, authenticate) {
    const state = await authenticate(new Request(new URL(request.url, this.url), { headers: request.headers }));
    const headers = {};
    for (const [name, value] of state.headers) (headers[name] ??= []).push(value);
    if (state.status === 'handshake') return response.writeHead(307, headers).end();
    const { userId, sessionId } = state.toAuth() ?? {};
    response.writeHead(200, { ...headers, 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: state.status, reason: state.reason, userId, sessionId }));
  }

  async close() {
    await new Promise(resolve => {
      this.listener.close(resolve);
      this.listener.closeAllConnections();
    });
  }
}
