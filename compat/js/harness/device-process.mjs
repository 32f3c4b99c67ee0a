// Runs in the process of a Device: clerk-js wired the way the Expo SDK wires it.
// What React Native offers an app is imitated before the SDK is loaded.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

import { organizationOperations } from './organization-operations.mjs';

globalThis.window = globalThis;
Object.defineProperty(globalThis, 'navigator', { value: { product: 'ReactNative' }, configurable: true });

const { Clerk } = await import(process.env.CLERK_JS).then(loaded => (loaded.Clerk ? loaded : loaded.default));

const TOKEN_KEY = '__clerk_client_jwt';
let clerk;

function secureStore(file) {
  const read = () => {
    try {
      return JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
      if (error.code === 'ENOENT') return {};
      throw error;
    }
  };
  return {
    get: key => read()[key],
    set(key, value) {
      writeFileSync(`${file}.new`, JSON.stringify({ ...read(), [key]: value }));
      renameSync(`${file}.new`, file);
    },
  };
}

function session(id) {
  return clerk.client.sessions.find(session => session.id === id);
}

const state = () => ({
  status: clerk.status,
  clientId: clerk.client?.id ?? null,
  sessionId: clerk.session?.id ?? null,
  userId: clerk.user?.id ?? null,
  email: clerk.user?.primaryEmailAddress?.emailAddress ?? null,
  sessionIds: clerk.client?.signedInSessions.map(session => session.id) ?? [],
});

const signInState = attempt => ({
  status: attempt.status,
  firstFactors: attempt.supportedFirstFactors?.map(factor => factor.strategy) ?? null,
  firstFactor: attempt.firstFactorVerification.status,
  createdSessionId: attempt.createdSessionId,
});

const signUpState = attempt => ({
  status: attempt.status,
  missing: attempt.missingFields,
  unverified: attempt.unverifiedFields,
  createdSessionId: attempt.createdSessionId,
  createdUserId: attempt.createdUserId,
});

function emailFactor(strategy) {
  const factor = clerk.client.signIn.supportedFirstFactors.find(factor => factor.strategy === strategy);
  if (!factor) throw new Error(`the sign-in offers no ${strategy}`);
  return { strategy, emailAddressId: factor.emailAddressId };
}

const operations = {
  configure({ publishableKey, proxyUrl, cache }) {
    const store = secureStore(cache);
    clerk = new Clerk(publishableKey, { proxyUrl });
    clerk.__internal_onBeforeRequest(async request => {
      request.credentials = 'omit';
      request.url.searchParams.append('_is_native', '1');
      request.headers.set('authorization', store.get(TOKEN_KEY) || '');
      request.headers.set('x-mobile', '1');
      request.headers.set('x-expo-sdk-version', '4.6.6');
    });
    clerk.__internal_onAfterResponse(async (_, response) => {
      const token = response.headers.get('authorization');
      if (token) store.set(TOKEN_KEY, token);
    });
  },

  async load() {
    await clerk.load({ standardBrowser: false, telemetry: false, experimental: { runtimeEnvironment: 'headless' } });
    return state();
  },

  state,

  async signUp({ emailAddress, password }) {
    return signUpState(await clerk.client.signUp.create({ emailAddress, password }));
  },
  async prepareSignUp() {
    return signUpState(await clerk.client.signUp.prepareEmailAddressVerification({ strategy: 'email_code' }));
  },
  async attemptSignUp({ code }) {
    return signUpState(await clerk.client.signUp.attemptEmailAddressVerification({ code }));
  },

  async signIn(params) {
    return signInState(await clerk.client.signIn.create(params));
  },
  async prepareFirstFactor({ strategy }) {
    return signInState(await clerk.client.signIn.prepareFirstFactor(emailFactor(strategy)));
  },
  async attemptFirstFactor(params) {
    return signInState(await clerk.client.signIn.attemptFirstFactor(params));
  },
  async resetPassword(params) {
    return signInState(await clerk.client.signIn.resetPassword(params));
  },

  async activate({ sessionId }) {
    await clerk.setActive({ session: sessionId });
    return state();
  },
  async token(options) {
    return clerk.session ? clerk.session.getToken(options) : null;
  },
  async tokenOf({ sessionId }) {
    return session(sessionId).getToken({ skipCache: true });
  },
  async endSession({ sessionId }) {
    await session(sessionId).end();
    return state();
  },
  async signOut({ sessionId } = {}) {
    await clerk.signOut(sessionId ? { sessionId } : {});
    return state();
  },

  async reloadUser() {
    const user = await clerk.user.reload();
    return { id: user.id, firstName: user.firstName, lastName: user.lastName };
  },
  async updateUser(params) {
    const user = await clerk.user.update(params);
    return { firstName: user.firstName, lastName: user.lastName, unsafeMetadata: user.unsafeMetadata };
  },
  async updatePassword(params) {
    await clerk.user.updatePassword(params);
  },
  /** Runs code of a test on the SDK itself, for what no operation above says. */
  async run({ code, argument }) {
    return new Function('clerk', 'argument', `return (${code})(clerk, argument)`)(clerk, argument);
  },

  async userSessions() {
    return (await clerk.user.getSessions()).map(session => ({ id: session.id, status: session.status }));
  },
};

Object.assign(operations, organizationOperations(() => clerk));

function plainError(error) {
  return {
    message: String(error?.message ?? error),
    status: error?.status,
    codes: error?.errors?.map(each => each.code),
    meta: error?.errors?.[0]?.meta,
    param: error?.errors?.[0]?.meta?.paramName,
  };
}

process.on('message', async ({ id, operation, argument }) => {
  try {
    process.send({ id, value: (await operations[operation](argument)) ?? null });
  } catch (error) {
    process.send({ id, error: plainError(error) });
  }
});
// The parent is the only reason to live: a test that dies must not leave apps.
process.on('disconnect', () => process.exit(0));
