// A real OpenID provider, built from this repository, with people who sign in
// by pressing the button with their name.
import { execFile, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const root = path.resolve(import.meta.dirname, '../../..');

export class Provider {
  /** Starts the provider for a server, whose settings name it from then on.
   * `people` are addresses by name. */
  static async start(server, people) {
    const provider = new Provider();
    const binary = path.join(server.folder, 'idp');
    await promisify(execFile)('go', ['build', '-o', binary, './internal/idptest/idp'], { cwd: root });
    const names = Object.entries(people).map(([name, address]) => `${name}=${address}`);
    provider.process = spawn(binary, ['127.0.0.1:0', `${server.url}/v1/oauth_callback`, ...names], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const child = provider.process;
    process.once('exit', () => child.kill('SIGKILL'));
    for await (const line of createInterface({ input: child.stdout })) {
      provider.url = line;
      break;
    }
    await server.backend('PATCH', '/instance/settings', {
      social: {
        custom_idp: { enabled: true, name: 'The provider', issuer: provider.url, client_id: 'perennial', client_secret: 'idp-secret' },
      },
    });
    return provider;
  }

  /** Says yes as one of the people, without a browser, to what a server asks
   * the provider; returns where the server leads afterwards. */
  async consent(authorization, name) {
    const login = await follow(authorization);
    const form = new URLSearchParams({ id: login.searchParams.get('authRequestID'), username: name });
    const granted = await follow(login, { method: 'POST', body: form });
    return follow(await follow(granted));
  }

  stop() {
    this.process.kill('SIGKILL');
  }
}

/** Where an answer leads. */
async function follow(url, options) {
  const answer = await fetch(url, { redirect: 'manual', ...options });
  const location = answer.headers.get('location');
  if (!location) throw new Error(`${url.origin ?? url} leads nowhere: ${answer.status} ${await answer.text()}`);
  return new URL(location, url);
}
