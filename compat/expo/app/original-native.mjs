// The native modules of the two published generations, for iOS, as a baseline:
// what they do at a cold start, written from their published behaviour. The
// views and the biometric methods are left out; no cold start calls them.
import { setTimeout as delay } from 'node:timers/promises';

import { OriginalClerk } from './original-clerk.mjs';

const WAIT_ROUNDS = 30;
const ROUND_MS = 100;

async function waitUntil(condition) {
  for (let round = 0; round < WAIT_ROUNDS && !condition(); round++) await delay(ROUND_MS);
}

const fail = code => Object.assign(new Error(code), { code });

/** 3.2.7: the script's token is written over the native one, and a token that
 * differs takes the cached client and environment with it. */
function thirdGeneration(options) {
  const clerk = new OriginalClerk({ ...options, atomic: false });
  let configured = false;

  async function takeToken(token) {
    const before = await clerk.readToken();
    await clerk.writeToken(token);
    if (before !== token) await clerk.forgetCached();
  }

  return {
    async configure(_publishableKey, bearerToken) {
      if (bearerToken) await takeToken(bearerToken);
      if (configured && bearerToken) {
        await clerk.refreshClient().catch(() => {});
        return;
      }
      configured = true;
      await clerk.configure();
      await waitUntil(() => clerk.isLoaded && clerk.session);
    },
    async getSession() {
      if (!configured || !clerk.session) return null;
      const { id, status, user } = clerk.session;
      return { sessionId: id, status, user: { id: user?.id } };
    },
    getClientToken: () => clerk.readToken(),
    async signOut() {
      if (configured) {
        try {
          if (clerk.session) await clerk.signOut(clerk.session.id);
        } finally {
          await clerk.forgetAll();
        }
      }
      configured = false;
    },
    // Only the views on the screen emit an event.
    addListener: () => ({ remove() {} }),
  };
}

/** 4.6.6: one identity on both sides, tied to the token; a key that changes
 * gives up what was kept. */
function fourthGeneration(options) {
  const clerk = new OriginalClerk({ ...options, atomic: true });
  const listeners = { clerkNativeClientChanged: new Set(), clerkNativeAuthFlowChanged: new Set() };
  let configuredFor = null;
  let silent = 0; // while the script is the origin of what changes
  let last = {};

  const flow = () => ({ isLoaded: clerk.isLoaded, isAuthFlowComplete: Boolean(clerk.session) });
  const emit = (event, payload) => listeners[event].forEach(listener => listener(payload));
  const changedClient = (changed, sourceId) => ({ changed, deviceToken: clerk.token, ...(sourceId && { sourceId }) });

  clerk.observe(() => {
    const now = { client: JSON.stringify(clerk.client), token: clerk.token };
    const changed = { client: now.client !== last.client, deviceToken: now.token !== last.token };
    last = now;
    if (silent > 0 || configuredFor === null || !(changed.client || changed.deviceToken)) return;
    emit('clerkNativeClientChanged', changedClient(changed));
    emit('clerkNativeAuthFlowChanged', flow());
  });

  async function silently(work) {
    silent++;
    try {
      return await work();
    } finally {
      silent--;
    }
  }

  async function syncToken(token) {
    await waitUntil(() => clerk.isLoaded);
    if (!token || (clerk.token === token && clerk.client)) return false;
    await clerk.updateToken(token);
    return true;
  }

  async function configure(publishableKey, bearerToken) {
    const before = configuredFor;
    configuredFor = publishableKey;
    if (before !== null && before !== publishableKey) {
      await clerk.reconfigure(options.serverOf(publishableKey));
    } else if (before !== null) {
      if (await syncToken(bearerToken)) return waitUntil(() => clerk.isLoaded);
      if (bearerToken) {
        await clerk.refreshClient();
        await waitUntil(() => clerk.isLoaded);
      }
      return;
    } else {
      await clerk.configure();
    }
    if (await syncToken(bearerToken)) await waitUntil(() => clerk.isLoaded);
  }

  return {
    async configure(publishableKey, bearerToken) {
      try {
        await silently(() => configure(publishableKey, bearerToken));
      } catch {
        throw fail('E_CONFIGURE_FAILED');
      } finally {
        emit('clerkNativeAuthFlowChanged', flow());
      }
    },
    getClientToken: async () => (configuredFor === null ? null : clerk.token),
    getAuthFlowState: async () => flow(),
    async syncClientStateFromJs(deviceToken, _sourceId, didChangeClient, didChangeDeviceToken) {
      if (configuredFor === null) return;
      await silently(async () => {
        if (didChangeDeviceToken && deviceToken && deviceToken !== clerk.token) await clerk.updateToken(deviceToken);
        else if (didChangeClient || didChangeDeviceToken) await clerk.refreshClient();
      });
    },
    addListener(event, listener) {
      listeners[event]?.add(listener);
      return { remove: () => listeners[event]?.delete(listener) };
    },
  };
}

/** Opens the original native side of one process. */
export const openOriginal = (generation, options) =>
  generation === 3 ? thirdGeneration(options) : fourthGeneration(options);
