// One launch of the app, from its start to its sudden end.
import { fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import path from 'node:path';

const script = path.join(import.meta.dirname, '..', 'app', 'process.mjs');

export class Launch extends EventEmitter {
  events = [];
  output = '';

  /** Starts the app; `options` are those of app/process.mjs. */
  constructor(options) {
    super();
    this.child = fork(script, [], {
      // The condition selects the build that React Native bundles.
      execArgv: ['--conditions=react-native', '--no-warnings'],
      env: { PATH: process.env.PATH, TZ: 'UTC', NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', text => (this.output = (this.output + text).slice(-10_000)));
    }
    this.child.on('message', event => {
      this.events.push({ ...event, time: performance.now() });
      this.emit('event');
    });
    this.gone = once(this.child, 'exit').then(([code, signal]) => {
      this.events.push({ event: 'gone', time: performance.now(), how: code ?? signal });
      this.emit('event');
    });
    this.command('start', options);
  }

  command(command, argument) {
    if (this.child.connected) this.child.send({ command, argument });
  }

  /** Waits until the events satisfy the condition, at most `limit` ms. Says
   * whether they do. */
  async until(condition, limit) {
    const signal = AbortSignal.timeout(Math.max(1, Math.ceil(limit)));
    while (!condition(this.events)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) return condition(this.events);
      try {
        await once(this, 'event', { signal });
      } catch (error) {
        if (error.name !== 'AbortError') throw error;
        return condition(this.events);
      }
    }
    return true;
  }

  /** What happened, for people. */
  story() {
    const began = this.events[0]?.time ?? 0;
    const lines = this.events.map(({ time, script: _, ...event }) => `${Math.round(time - began)} ms  ${Object.values(event).join('  ')}`);
    return [...lines, this.output].join('\n');
  }

  /** Ends the process as the system does: without warning. */
  async kill() {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.gone;
  }
}
