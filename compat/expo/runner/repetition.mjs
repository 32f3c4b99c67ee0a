// One repetition of a schedule on one device: the launch that is observed, what
// precedes it, and a healthy launch afterwards.
import { holdsToken, showsContent } from './device.mjs';

const SHOWN_LIMIT_MS = 3_000;
const TOKEN_LIMIT_MS = 30_000;
const START_LIMIT_MS = 120_000; // a busy machine loads the script slowly

/** The limits of a run, in milliseconds. */
export const LIMITS = {
  windowMs: TOKEN_LIMIT_MS, // from the start
  afterFaultMs: 15_000, // if that is later
  givesUpMs: TOKEN_LIMIT_MS, // instead of both, where the script has given up
  lingerMs: 1_000, // whether what is shown stays
  relaunchMs: 15_000,
  firstMs: 5_000, // for what comes first
};
// What passes is over as soon as it is seen; the rest has time on a busy machine.
export const SHORT_LIMITS = {
  ...LIMITS, windowMs: 90_000, afterFaultMs: 90_000, relaunchMs: 90_000, lingerMs: 300, givesUpMs: 3_000,
};

const mounts = events => events.filter(({ event }) => event === 'mount');
const mountedTimes = count => events => mounts(events).length >= count;

/** Runs it and says what was seen. */
export async function repeat(device, plan, limits) {
  await device.restore(plan.prior, plan.forget);
  if (plan.ended) await device.world.instance.revoke(device.sessionId);
  const { launch, since, number } = await begin(device, plan, limits);
  const fault = endOfFault(device, launch, plan, since);
  const observed = await observe(launch, { device, plan, limits, since, number, fault });
  fault.cancel();
  await launch.kill();
  const again = await relaunch(device, plan, limits);
  const status = await device.world.instance.statusOf(device.sessionId);
  const result = judge({ plan, givesUp: givesUp(device, plan), observed, again, status });
  device.spent = status !== 'active';
  return { ...result, story: `${launch.story()}\n--- relaunched\n${again.story}\n--- ended by the app: ${device.proxy.endings.join(', ') || 'nothing'}` };
}

// bindings/expo mounts the provider anew, and the script loads again.
const givesUp = (device, plan) => Boolean(plan.givesUp) && device.native !== 'package';

function setNetwork(device, plan) {
  const { kind, ms: _, ...more } = plan.network ?? {};
  device.proxy.set(kind ? { kind, ...more, ms: more.delayMs } : { kind: 'slow', ms: plan.jitterMs ?? 0 });
  device.proxy.rotations = plan.rotations ?? 0;
}

// What comes before the launch that is observed: a launch that is killed.
const before = {
  killed: ({ device, after }) => killedLaunch(device, launch => launch.until(() => false, after)),
  'killed mid-rotation': ({ device, after, limits }) =>
    killedLaunch(device, async launch => {
      const rotated = new Promise(resolve => Object.assign(device.proxy, { rotations: 1, onRotation: resolve }));
      await Promise.race([rotated, launch.until(() => false, limits.firstMs)]);
      await launch.until(() => false, after);
    }),
  'key switched and relaunched': ({ device, after }) =>
    killedLaunch(device, launch => launch.until(() => false, after), device.elsewhere),
};

// What comes first within it. Returns when what is observed begins, if that is
// not the start of a script.
const within = {
  async reload({ launch, after }) {
    await launch.until(() => false, after);
    launch.command('reload');
    await launch.until(mountedTimes(2), START_LIMIT_MS);
  },
  async 'key switched'({ launch, device, after }) {
    launch.command('configure', device.elsewhere);
    await launch.until(() => false, after);
    launch.command('configure', device.here);
    return performance.now();
  },
};

// Returns the launch that is observed, from when, and which of its scripts.
async function begin(device, plan, limits) {
  const { kind, afterMs: after } = plan.first ?? {};
  await before[kind]?.({ device, after, limits });
  setNetwork(device, plan);
  const launch = device.launch({ faults: plan.store, clockMs: plan.clockMs });
  await launch.until(mountedTimes(1), START_LIMIT_MS);
  let since;
  if (within[kind]) {
    await launch.until(events => events.some(showsContent(device.sessionId)), limits.firstMs);
    since = await within[kind]({ launch, device, after });
  }
  const scripts = mounts(launch.events);
  return { launch, since: since ?? scripts.at(-1)?.time ?? performance.now(), number: scripts.length };
}

async function killedLaunch(device, meanwhile, options) {
  const launch = device.launch(options);
  await launch.until(mountedTimes(1), START_LIMIT_MS);
  await meanwhile(launch);
  await launch.kill();
}

// Heals the network when the fault's time is over.
function endOfFault(device, launch, { network, store }, since) {
  const ms = Math.max(network?.ms ?? 0, store?.lockedMs ?? 0, store?.failWritesMs ?? 0);
  const fault = { over: false, at: since + ms, cancel: () => clearTimeout(timer) };
  const timer = setTimeout(() => {
    if (network?.ms) device.proxy.set({ kind: 'healthy' });
    fault.over = true;
    launch.emit('event');
  }, fault.at - performance.now());
  return fault;
}

async function observe(launch, { device, plan, limits, since, number, fault }) {
  const { windowMs, afterFaultMs } = givesUp(device, plan) ? { windowMs: limits.givesUpMs, afterFaultMs: 1_000 } : limits;
  const limit = Math.max(windowMs, fault.at - since + afterFaultMs + 3 * (plan.network?.delayMs ?? 0));
  const own = () => {
    const events = launch.events.filter(({ script }) => script === undefined || script === number);
    // The content that is on the screen as it begins stays until something else is shown.
    const before = events.findLast(({ event, time }) => event === 'screen' && time < since);
    return [...(before?.screen === 'content' ? [{ ...before, time: since }] : []), ...events.filter(({ time }) => time >= since)];
  };
  const screen = () => own().findLast(({ event }) => event === 'screen')?.screen;
  const restored = () => screen() === 'content' && own().some(showsContent(device.sessionId)) && own().some(holdsToken(device.sessionId));
  const done = () => fault.over && (plan.ended ? screen() === 'sign-in' : restored());
  // What is taken back at once was not restored: it is waited for anew.
  for (let stays = false; !stays && performance.now() < since + limit; stays = done()) {
    await launch.until(done, since + limit - performance.now());
    await launch.until(() => false, limits.lingerMs);
  }
  const events = own();
  const time = event => event && event.time - since;
  return {
    shownMs: time(events.find(showsContent(device.sessionId))),
    tokenMs: time(events.find(holdsToken(device.sessionId))),
    flashed: events.some(event => event.event === 'screen' && event.screen === 'sign-in'),
    stranger: events.some(event => event.event === 'screen' && event.screen === 'content' && event.sessionId !== device.sessionId),
    screen: screen(),
    crashed: events.find(({ event }) => event === 'crash')?.message,
  };
}

// Healthy launches afterwards: two, because one may repair what the next shows.
async function relaunch(device, plan, limits) {
  device.proxy.set({ kind: 'healthy' });
  device.proxy.rotations = 0;
  let story = '';
  for (let launches = 0; launches < 2; launches++) {
    const launch = device.launch();
    await launch.until(mountedTimes(1), START_LIMIT_MS);
    const signedIn = events => events.some(showsContent(device.sessionId)) && events.some(holdsToken(device.sessionId));
    const shown = await launch.until(plan.ended ? events => events.some(shows('sign-in')) : signedIn, limits.relaunchMs);
    const screen = launch.events.findLast(({ event }) => event === 'screen')?.screen;
    await launch.kill();
    story += launch.story();
    if (plan.ended || shown) return { restored: screen === 'content', story };
  }
  return { restored: false, story };
}

const shows = screen => event => event.event === 'screen' && event.screen === screen;

function judge({ plan, givesUp, observed, again, status }) {
  const { shownMs, tokenMs, flashed, stranger, screen, crashed } = observed;
  if (plan.ended) {
    return { ended: true, wrong: stranger || screen === 'content' || again.restored, crashed, shownMs };
  }
  return {
    shown: shownMs !== undefined && shownMs <= SHOWN_LIMIT_MS,
    token: tokenMs !== undefined && tokenMs <= TOKEN_LIMIT_MS,
    ever: shownMs !== undefined && screen === 'content',
    lost: !again.restored,
    wrong: stranger,
    flashed,
    revoked: status !== 'active',
    shownMs,
    tokenMs,
    givesUp,
    crashed,
  };
}
