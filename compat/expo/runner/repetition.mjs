// One repetition of a schedule on one device: the launch that is observed, what
// precedes it, and a healthy launch afterwards.
import { holdsToken, showsContent } from './device.mjs';

const SHOWN_LIMIT_MS = 3_000;
const TOKEN_LIMIT_MS = 30_000;
const START_LIMIT_MS = 60_000; // a busy machine loads the script slowly

/** The limits of a run, in milliseconds. */
export const LIMITS = { windowMs: TOKEN_LIMIT_MS, afterFaultMs: 15_000, lingerMs: 1_000, relaunchMs: 15_000, firstMs: 5_000, givesUpMs: TOKEN_LIMIT_MS };
// What passes is over soon; the rest has time on a busy machine.
export const SHORT_LIMITS = { ...LIMITS, afterFaultMs: 30_000, lingerMs: 300, givesUpMs: 3_000 };

const mounts = events => events.filter(({ event }) => event === 'mount');
const mountedTimes = count => events => mounts(events).length >= count;

/** Runs it and says what was seen. */
export async function repeat(device, plan, limits) {
  await device.restore(plan.prior, plan.forget);
  if (plan.ended) await device.world.instance.revoke(device.sessionId);
  const { launch, since, number } = await begin(device, plan, limits);
  const fault = endOfFault(device, plan, since);
  const observed = await observe(launch, { device, plan, limits, since, number, fault });
  fault.cancel();
  await launch.kill();
  const again = await relaunch(device, plan, limits);
  const status = await device.world.instance.statusOf(device.sessionId);
  const result = judge({ device, plan, observed, again, status });
  device.spent = status !== 'active';
  return { ...result, story: `${launch.story()}\n--- relaunched\n${again.story}\n--- ended by the app: ${device.proxy.endings.join(', ') || 'nothing'}` };
}

function setNetwork(device, plan) {
  const { kind, ms: _, ...more } = plan.network ?? {};
  device.proxy.set(kind ? { kind, ...more, ms: more.delayMs } : { kind: 'slow', ms: plan.jitterMs ?? 0 });
  device.proxy.rotations = plan.rotations ?? 0;
}

// The launch that is observed, from when, and which of its scripts.
async function begin(device, plan, limits) {
  const options = { faults: plan.store, clockMs: plan.clockMs };
  const kind = plan.first?.kind;
  const after = plan.first?.afterMs;
  if (kind === 'killed') await killedLaunch(device, launch => launch.until(() => false, after));
  if (kind === 'killed mid-rotation') {
    await killedLaunch(device, async launch => {
      const rotated = new Promise(resolve => Object.assign(device.proxy, { rotations: 1, onRotation: resolve }));
      await Promise.race([rotated, launch.until(() => false, limits.firstMs)]);
      await launch.until(() => false, after);
    });
    device.proxy.rotations = 0;
  }
  if (kind === 'key switched and relaunched') {
    await killedLaunch(device, launch => launch.until(() => false, after), device.elsewhere);
  }
  setNetwork(device, plan);
  const launch = device.launch(options);
  await launch.until(mountedTimes(1), START_LIMIT_MS);
  const signedIn = events => events.some(showsContent(device.sessionId));
  if (kind === 'reload') {
    await launch.until(signedIn, limits.firstMs);
    await launch.until(() => false, after);
    launch.command('reload');
    await launch.until(mountedTimes(2), START_LIMIT_MS);
  }
  if (kind === 'key switched') {
    await launch.until(signedIn, limits.firstMs);
    launch.command('configure', device.elsewhere);
    await launch.until(() => false, after);
    launch.command('configure', device.here);
    return { launch, since: performance.now(), number: 1 };
  }
  const all = mounts(launch.events);
  return { launch, since: all.at(-1)?.time ?? performance.now(), number: all.length };
}

async function killedLaunch(device, meanwhile, options) {
  const launch = device.launch(options);
  await launch.until(mountedTimes(1), START_LIMIT_MS);
  await meanwhile(launch);
  await launch.kill();
}

// Heals the network when the fault's time is over.
function endOfFault(device, { network, store }, since) {
  const ms = Math.max(network?.ms ?? 0, store?.lockedMs ?? 0, store?.failWritesMs ?? 0);
  const fault = { over: ms === 0, at: since + ms, cancel: () => clearTimeout(timer) };
  const timer = setTimeout(() => {
    if (network?.ms) device.proxy.set({ kind: 'healthy' });
    fault.over = true;
  }, fault.at - performance.now());
  return fault;
}

async function observe(launch, { device, plan, limits, since, number, fault }) {
  const { windowMs, afterFaultMs } = plan.givesUp ? { windowMs: limits.givesUpMs, afterFaultMs: 1_000 } : limits;
  const limit = Math.max(windowMs, fault.at - since + afterFaultMs + 3 * (plan.network?.delayMs ?? 0));
  const own = () => launch.events.filter(({ script, time }) => (script === undefined || script === number) && time >= since);
  const screen = () => own().findLast(({ event }) => event === 'screen')?.screen;
  const restored = () => screen() === 'content' && own().some(showsContent(device.sessionId)) && own().some(holdsToken(device.sessionId));
  const done = () => fault.over && (plan.ended ? screen() === 'sign-in' : restored());
  await launch.until(() => !launch.child.connected || (performance.now() >= fault.at && done()), limit);
  if (!done()) await launch.until(() => fault.over && done(), since + limit - performance.now());
  await launch.until(() => false, limits.lingerMs);
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

function judge({ plan, observed, again, status }) {
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
    givesUp: Boolean(plan.givesUp),
    crashed,
  };
}
