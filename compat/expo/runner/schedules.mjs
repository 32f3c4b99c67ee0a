// What happens to an app around a cold start. Each schedule is a function of
// random numbers and of the length of a second, which the short run shrinks.
// It returns, each optional:
//   prior     what the two sides hold before; 'both' have the same token
//   network   the fault at the start, and in `ms` how long it lasts; without, it stays
//   jitterMs  how long each answer takes otherwise
//   store     the fault plan of the secure store, as in app/keychain.mjs
//   rotations how many answers hand out a successor of the client token
//   forget    the server does not know the older token any more
//   first     what comes before the launch that is observed
//   clockMs   how far the device's clock is off
//   ended     the session is over, and must not be shown once that can be known
//   givesUp   the published script does not try again in this launch: its load
//             fails for good when it is answered with an error in JSON
const network = (kind, ms, more = {}) => ({ network: { kind, ms, ...more } });

const serverError = (ms, status) => ({ ...network('server error', ms, { status }), givesUp: status !== 502 });
const middlebox = (ms, as) => ({ ...network('middlebox 401', ms, { as }), givesUp: as === 'json' });

export const schedules = {
  healthy: r => ({ jitterMs: r.between(0, 300) }),

  'slow, 2 s': (r, s) => network('slow', undefined, { delayMs: r.between(1.6 * s, 2.4 * s) }),
  'slow, 5 s': (r, s) => network('slow', undefined, { delayMs: r.between(4 * s, 6 * s) }),
  'slow, 20 s': (r, s, long) => network('slow', undefined, { delayMs: long(20, r) }),
  'offline, 2 s': (r, s) => network('offline', r.between(1.6 * s, 2.4 * s)),
  'offline, 5 s': (r, s) => network('offline', r.between(4 * s, 6 * s)),
  'offline, 60 s': (r, s, long) => network('offline', long(60, r)),
  'server errors': (r, s) => serverError(r.between(s, 6 * s), r.pick([500, 502, 503])),
  'too many requests': (r, s) => ({ ...network('too many requests', r.between(s, 6 * s)), givesUp: true }),
  'captive portal, page': (r, s) => network('portal page', r.between(s, 6 * s)),
  'captive portal, redirect': (r, s) => network('portal redirect', r.between(s, 6 * s)),
  'middlebox 401': (r, s) => middlebox(r.between(s, 6 * s), r.pick(['html', 'json'])),
  'dropped connections': (r, s) => network('dropped', r.between(s, 6 * s), { delayMs: r.between(0, 400) }),
  'answers lost after processing': (r, s) => network('answer lost', r.between(s, 6 * s)),

  'store locked': (r, s) => ({ store: { lockedMs: r.between(0.3 * s, 4 * s) } }),
  'read throws once': r => ({ store: { failReads: 1 }, jitterMs: r.between(0, 300) }),
  'read empty once': r => ({ store: { emptyReads: 1 }, jitterMs: r.between(0, 300) }),
  'write fails during rotation': (r, s) => ({ rotations: 1, store: { failWritesMs: r.between(2 * s, 6 * s) } }),
  'store slow': (r, s) => ({ store: { delayMs: r.between(0.1 * s, 1.2 * s) } }),

  'first launch after a script-only sign-in': r => ({ prior: 'script only', jitterMs: r.between(0, 800) }),
  'first launch after a native-only sign-in': r => ({ prior: 'native only', jitterMs: r.between(0, 800) }),
  'script token newer': r => ({ prior: 'script newer', jitterMs: r.between(0, 1500) }),
  'script token newer, the other forgotten': r => ({ prior: 'script newer', forget: true, jitterMs: r.between(0, 1500) }),
  'native token newer': r => ({ prior: 'native newer', jitterMs: r.between(0, 1500) }),
  'native token newer, the other forgotten': r => ({ prior: 'native newer', forget: true, jitterMs: r.between(0, 1500) }),
  'server rotates at launch': r => ({ rotations: r.between(1, 2), jitterMs: r.between(0, 500) }),
  'killed mid-rotation': r => ({ first: { kind: 'killed mid-rotation', afterMs: r.between(0, 60) } }),
  'two launches in quick succession': r => ({ first: { kind: 'killed', afterMs: r.between(0, 900) }, jitterMs: r.between(0, 300) }),
  'script reload': r => ({ first: { kind: 'reload', afterMs: r.between(0, 1200) }, jitterMs: r.between(0, 300) }),
  'revoked while offline': (r, s) => ({ ...network('offline', r.between(s, 5 * s)), ended: true }),
  'key switched and back': (r, s) => ({
    first: { kind: r.pick(['key switched', 'key switched and relaunched']), afterMs: r.between(0.3 * s, 2 * s) },
    jitterMs: r.between(0, 200),
  }),
  'clock 2 h ahead': r => ({ clockMs: 7_200_000, jitterMs: r.between(0, 300) }),
  'clock 2 h behind': r => ({ clockMs: -7_200_000, jitterMs: r.between(0, 300) }),
};

/** The plan of one repetition. In the short run a second is shorter, and no
 * wait is longer than three of them. */
export function plan(name, random, short) {
  const second = short ? 400 : 1000;
  const long = (seconds, r) => (short ? 3 * second : r.between(0.95 * seconds * second, 1.05 * seconds * second));
  return schedules[name](random, second, long);
}
