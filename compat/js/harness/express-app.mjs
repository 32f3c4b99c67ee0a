// An application on Express that renders its pages for whom @clerk/express says
// is there, on an origin of its own.
import https from 'node:https';
import { createRequire } from 'node:module';
import path from 'node:path';

import { createClerkClient } from '@clerk/backend';
import { clerkMiddleware, getAuth } from '@clerk/express';
import express from 'express';

import { certificate } from './certificate.mjs';

const scripts = path.dirname(createRequire(import.meta.url).resolve('@clerk/clerk-js'));

export class ExpressApp {
  static async serve(server) {
    const { publishableKey, secretKey } = server;
    const clerkClient = createClerkClient({ publishableKey, secretKey, apiUrl: server.url, telemetry: { disabled: true } });
    const app = new ExpressApp();
    app.renders = 0;
    const routes = express();
    routes.use('/clerk-js', express.static(scripts));
    routes.use(clerkMiddleware({ clerkClient, publishableKey, secretKey }));
    routes.get('/', (request, response) => response.send(page(publishableKey, getAuth(request))));
    routes.get('/rendered', (request, response) => {
      app.renders += 1;
      response.json(who(getAuth(request)));
    });
    routes.get('/api/me', (request, response) => {
      const auth = getAuth(request);
      if (!auth.isAuthenticated) return response.status(401).json({ error: 'signed out' });
      response.json(who(auth));
    });
    app.listener = https.createServer(certificate(server.folder), routes);
    await new Promise(resolve => app.listener.listen(0, '127.0.0.1', resolve));
    app.url = `https://127.0.0.1:${app.listener.address().port}`;
    return app;
  }

  async close() {
    await new Promise(resolve => {
      this.listener.close(resolve);
      this.listener.closeAllConnections();
    });
  }
}

const who = auth => ({ userId: auth.userId, sessionId: auth.sessionId, orgId: auth.orgId ?? null });

// What the server knew is in the page before any script has run.
function page(publishableKey, auth) {
  return `<!doctype html><title>app</title><main data-user="${auth.userId ?? ''}"></main>
<script src="/clerk-js/clerk.browser.js" data-clerk-publishable-key="${publishableKey}"></script>`;
}
