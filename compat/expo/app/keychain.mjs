// The device's secure store: one file for each item, and the faults that such
// stores have. Both sides of the app keep their items in it, under services of
// their own, as they do in the keychain of iOS.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Thrown where the platform's call would report a failure. */
export class KeychainError extends Error {}

// A fault plan has, each optional: lockedMs (nothing works before), delayMs
// (each operation takes as long), failReads and emptyReads (the first reads of
// an item fail or find nothing), failWritesMs (no write works before).
export class Keychain {
  #folder;
  #plan;
  #opened = performance.now();
  #reads = new Map();

  constructor(folder, plan = {}) {
    this.#folder = folder;
    this.#plan = plan;
    mkdirSync(folder, { recursive: true });
  }

  #file(service, key) {
    return path.join(this.#folder, `${service}~${Buffer.from(key).toString('hex')}`);
  }

  async #reach(operation) {
    if (this.#plan.delayMs) await delay(this.#plan.delayMs);
    const age = performance.now() - this.#opened;
    if (age < (this.#plan.lockedMs ?? 0)) throw new KeychainError('interaction is not allowed while the device is locked');
    if (operation !== 'read' && age < (this.#plan.failWritesMs ?? 0)) throw new KeychainError('the item could not be written');
  }

  async get(service, key) {
    await this.#reach('read');
    const file = this.#file(service, key);
    const reads = this.#reads.get(file) ?? 0;
    this.#reads.set(file, reads + 1);
    if (reads < (this.#plan.failReads ?? 0)) throw new KeychainError('the item could not be decrypted');
    if (reads < (this.#plan.emptyReads ?? 0)) return null;
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      if (error.code === 'ENOENT') return null;
      throw error;
    }
  }

  async set(service, key, value) {
    await this.#reach('write');
    const file = this.#file(service, key);
    writeFileSync(`${file}.new`, value);
    renameSync(`${file}.new`, file);
  }

  async remove(service, key) {
    await this.#reach('write');
    rmSync(this.#file(service, key), { force: true });
  }
}
