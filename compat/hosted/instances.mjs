// Instances that flows visit, one for each way of setting one up, and the
// accounts on them.
import { chromium } from 'playwright-core';

import { Provider } from '../js/harness/provider.mjs';
import { Server } from '../js/harness/server.mjs';

export const PASSWORD = 'correct horse battery 9';

const SETTINGS = {
  plain: { passkeys: { enabled: true }, organizations: { domains: true, domains_enrollment_modes: ['automatic_suggestion'] } },
  // Everything that somebody can have.
  rich: {
    phone_number: 'optional', username: 'optional', first_name: 'required', last_name: 'required', email_link: true, email_link_same_client: false,
    legal_consent: true, reverification: true, second_factors: { totp: true, backup_codes: true, phone_code: true },
  },
  social: {},
  // What is asked of people before they are let in.
  strict: { second_factors: { required: true }, organizations: { force_organization_selection: true } },
  waitlist: { sign_up_mode: 'waitlist' },
  restricted: { sign_up_mode: 'restricted' },
  branded: { application_name: 'Aurora', appearance: { accent_color: '#ffd400', corner_radius: 20 } },
  // Visited as fast as the rate limits allow, and then faster.
  busy: {},
};

export class Instances {
  started = new Map();

  static async start() {
    const instances = new Instances();
    instances.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-dev-shm-usage'],
    });
    return instances;
  }

  /** The instance with this set-up, started when a flow asks for it first. */
  async named(name) {
    if (!this.started.has(name)) this.started.set(name, this.launch(name));
    return this.started.get(name);
  }

  async launch(name) {
    const server = await Server.start({ settings: SETTINGS[name] });
    if (name === 'social') {
      const people = Object.fromEntries(['ada', 'grace', 'joan', 'mary', 'hedy', 'rosa'].map(each => [each, `${each}@example.com`]));
      server.provider = await Provider.start(server, people);
    }
    return server;
  }

  async stop() {
    await this.browser?.close();
    for (const starting of this.started.values()) {
      const server = await starting;
      server.provider?.stop();
      await server.stop();
    }
  }
}

/** Makes an account by the Backend API; returns it. */
export async function account(server, email, more = {}) {
  return server.backend('POST', '/users', { email_address: [email], password: PASSWORD, skip_password_checks: true, ...more });
}
