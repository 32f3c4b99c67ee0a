// One launch of an app. Prints one JSON value.
import { load } from './perennial.mjs';

const server = JSON.parse(process.env.PERENNIAL_READY);
const input = JSON.parse(process.env.PERENNIAL_INPUT);
const library = load(process.env.PERENNIAL_LIBRARY);
const options = { publishable_key: server.publishable_key, server: server.url, dir: process.env.PERENNIAL_DIR };

const code = async (address) => {
  const answer = await fetch(`${server.inbox_url}?to=${encodeURIComponent(address)}`);
  return (await answer.json())[0].code;
};

const module = () => library.openModule({ server: server.url, dir: process.env.PERENNIAL_DIR });

// The first payload of an event that satisfies the condition.
const event = (native, name, condition = () => true) =>
  new Promise((resolve) => {
    const subscription = native.addListener(name, (payload) => {
      if (!condition(payload)) return;
      subscription.remove();
      resolve(payload);
    });
  });

// Collects states until one satisfies the condition.
const until = async (device, condition, states = []) => {
  for await (const state of device.watch()) {
    states.push(state);
    if (condition(state)) break;
  }
  return states;
};

const launches = {
  async 'sign-up'() {
    const device = library.open(options);
    const states = until(device, (state) => state.verdict === 'active');
    const { step } = await device.call('sign_up', input);
    if (step !== 'needs-code') throw new Error(`step ${step}`);
    await device.call('submit_code', { code: await code(input.email) });
    const seen = await states;
    await device.close();
    return seen;
  },
  async restore() {
    const device = library.open(options);
    const { state: restored } = await device.call('restore');
    const { token } = await device.call('token', { fresh: true });
    await until(device, (state) => state.confirmed);
    // A wait for a state that does not come holds up a thread, not the loop.
    const states = device.watch(10_000);
    await states.next();
    const began = Date.now();
    const waiting = states.next();
    await new Promise((resolve) => setTimeout(resolve, 10));
    await device.close();
    await waiting;
    const waited = Date.now() - began;
    return { restored, token, waited };
  },
  async 'restore-offline'() {
    const device = library.open({ ...options, server: 'http://127.0.0.1:1' });
    const { state } = await device.call('restore');
    await device.close();
    return state;
  },
  async 'sign-out'() {
    const device = library.open(options);
    await device.call('restore');
    const states = until(device, (state) => state.verdict === 'signed-out');
    await device.call('sign_out');
    const { verdict, cause } = (await states).at(-1);
    const after = await device.call('token').catch((error) => error);
    await device.call('drain');
    await device.close();
    return { watched: { verdict, cause }, after: { kind: after.kind } };
  },
  async look() {
    const device = library.open(options);
    const { state } = await device.call('restore');
    await device.close();
    return state;
  },
  // A native module that has never run, over a script that holds a token.
  async 'module-first'() {
    const device = library.open({ ...options, dir: undefined, vault: 'memory', unbound: true });
    await device.call('sign_in', { identifier: input.email, password: input.password });
    const { credential } = await device.call('credential');
    await device.close();
    const native = module();
    const { state } = await native.configure(server.publishable_key, credential);
    const signedIn = await event(native, 'onAuthStateChange');
    const session = await native.getSession();
    await native.close();
    return { state, signedIn, session, token: credential };
  },
  // The next launch: the script lost its token and calls signOut before it
  // knows anything.
  async 'module-restores'() {
    const native = library.openModule({ server: 'http://127.0.0.1:1', dir: process.env.PERENNIAL_DIR });
    const early = await native.signOut().then(() => 'no error', (error) => error.code);
    const { state } = await native.configure(server.publishable_key, null);
    await native.signOut();
    const result = {
      early,
      state,
      session: await native.getSession(),
      token: await native.getClientToken(),
      signedIn: await event(native, 'onAuthStateChange'),
      change: await event(native, 'clerkNativeClientChanged'),
      flow: await event(native, 'clerkNativeAuthFlowChanged'),
    };
    await native.close();
    return result;
  },
  // Everything a script does wrong or for an instant, and then a person's wish.
  async 'module-ends'() {
    const native = module();
    const kinds = [];
    const attempt = async (f) => kinds.push(await f().then(() => 'no error', (error) => error.code));
    await attempt(() => native.syncClientStateFromJs('x', null, true, true));
    await attempt(() => native.configure('pk_test_garbage', null));
    await native.configure(server.publishable_key, 'a-token-of-another-instance');
    await attempt(() => native.presentAuth());
    await native.signOut();
    await native.syncClientStateFromJs(null, 'clerk-expo-js-sync-1', true, true);
    await event(native, 'onAuthStateChange');
    const kept = await native.getSession();
    const signedOut = event(native, 'onAuthStateChange', ({ type }) => type === 'signedOut');
    await native.endSession();
    await signedOut;
    const after = await native.getSession();
    await native.close();
    return { kinds, kept, after };
  },
  async mistakes() {
    const device = library.open({ ...options, dir: undefined, vault: 'memory' });
    const kinds = [];
    const attempt = async (f) => kinds.push(await Promise.resolve().then(f).then(() => 'no error', (error) => error.kind));
    await attempt(() => library.open({ ...options, spelled: 'wrong' }));
    await attempt(() => library.open({ ...options, publishable_key: 'pk_test_garbage' }));
    await attempt(() => device.call('no such method'));
    await attempt(() => device.call('token', { fresh: 'yes' }));
    await device.close();
    await attempt(() => device.call('token'));
    return kinds;
  },
};

console.log(JSON.stringify(await launches[process.argv[2]]()));
