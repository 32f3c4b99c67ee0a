// A session with an open task: with treatPendingAsSignedOut: false the app shows
// itself, at the first launch and at every later one, and nothing that the
// script says about it ends the session.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Keychain } from './app/keychain.mjs';
import { Device, showsContent } from './runner/device.mjs';
import { World } from './runner/world.mjs';

const LIMIT_MS = 60_000;
/** Signs somebody in who has to choose an organization first. */
async function signInPending(instance) {
  const { url, server } = instance;
  const answer = await fetch(`${url}/v1/instance/organization_settings`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${server.secretKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ enabled: true, force_organization_selection: true }),
  });
  assert.ok(answer.ok, `${answer.status} ${await answer.text()}`);
  const { token, sessionId } = await instance.signIn();
  assert.equal(await instance.statusOf(sessionId), 'pending');
  return { token, sessionId };
}

describe('a pending session', () => {
  let world;
  before(async () => {
    world = await World.start();
  });
  after(() => world.stop());

  for (const generation of [3, 4]) {
    test(`is shown and kept by @clerk/expo ${generation}`, async () => {
      const device = await Device.create({ world, generation, native: 'perennial', number: 0, index: 'pending' });
      try {
        await mkdir(device.folder, { recursive: true });
        device.reset();
        const { token, sessionId } = await signInPending(world.instance);
        await new Keychain(path.join(device.folder, 'keychain')).set('app:no-auth', '__clerk_client_jwt', token);
        for (const launchNumber of [1, 2, 3]) {
          const launch = device.launch();
          let shown = await launch.until(events => events.some(showsContent(sessionId)), LIMIT_MS);
          if (launchNumber === 2) {
            launch.command('reload');
            shown &&= await launch.until(
              events => events.some(event => event.script === 2 && showsContent(sessionId)(event)),
              LIMIT_MS,
            );
          }
          await launch.kill();
          assert.ok(shown, launch.story());
          assert.equal(await world.instance.statusOf(sessionId), 'pending', launch.story());
          assert.deepEqual(device.proxy.endings, [], launch.story());
        }
      } finally {
        await device.destroy();
      }
    });
  }
});
