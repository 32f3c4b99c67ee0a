// A React application of this folder, built by Vite for one server's key and
// served on an origin of its own.
import https from 'node:https';
import { createRequire } from 'node:module';
import path from 'node:path';

import express from 'express';
import { build } from 'vite';

import { certificate } from './certificate.mjs';

const scripts = path.dirname(createRequire(import.meta.url).resolve('@clerk/clerk-js'));

export class ReactApp {
  /** Serves the application in a folder of compat. */
  static async serve(server, name = 'react') {
    const outDir = path.join(server.folder, name);
    process.env.VITE_CLERK_PUBLISHABLE_KEY = server.publishableKey;
    await build({
      root: path.resolve(import.meta.dirname, `../../${name}`),
      configFile: false,
      logLevel: 'warn',
      oxc: { jsx: { runtime: 'automatic' } },
      build: { outDir, emptyOutDir: true, minify: false, reportCompressedSize: false },
    });
    const app = new ReactApp();
    const routes = express();
    routes.use('/clerk-js', express.static(scripts));
    routes.use(express.static(outDir));
    routes.use((_, response) => response.sendFile(path.join(outDir, 'index.html')));
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
