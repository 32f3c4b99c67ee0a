// What all devices of a run share: two instances, the library, and a place.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Instance } from './instance.mjs';

const root = path.resolve(import.meta.dirname, '../../..');

export class World {
  static async start() {
    const world = new World();
    world.library = process.env.PERENNIAL_LIBRARY ?? path.join(root, 'bin', 'libperennial.so');
    if (!existsSync(world.library)) throw new Error('build the shared library first: make libperennial');
    world.folder = await mkdtemp(path.join(tmpdir(), 'perennial-expo-'));
    world.hostStore = path.join(world.folder, 'host_store.so');
    const source = path.join(import.meta.dirname, '..', 'app', 'host_store.c');
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-Wall', '-Wextra', '-Werror', '-o', world.hostStore, source, '-pthread']);
    [world.instance, world.other] = await Promise.all([Instance.start(), Instance.start()]);
    return world;
  }

  async stop() {
    await Promise.all([this.instance, this.other].map(instance => instance.stop()));
    await rm(this.folder, { recursive: true, force: true });
  }
}
