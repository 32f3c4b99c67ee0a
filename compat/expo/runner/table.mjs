// The table of a run.
import { schedules } from './schedules.mjs';

const NAMES = { original: 'original', perennial: 'Perennial', package: 'Perennial with bindings/expo' };
const COLUMNS = ['shown', 'token', 'ever', 'lost', 'wrong', 'flashed', 'revoked'];

const share = (results, column) => {
  const asked = results.filter(result => result[column] !== undefined);
  return asked.length === 0 ? '–' : `${Math.round((100 * asked.filter(result => result[column]).length) / asked.length)}`;
};

const row = (name, native, results) =>
  `| ${name} | ${NAMES[native]} | ${COLUMNS.map(column => share(results, column)).join(' | ')} |`;

function section(generation, results) {
  const version = { 3: '3.2.7', 4: '4.6.6' }[generation];
  const natives = Object.keys(NAMES).filter(native => results.some(result => result.native === native));
  const of = (native, filter = () => true) => results.filter(result => result.native === native && filter(result));
  const rows = Object.keys(schedules)
    .filter(name => results.some(({ schedule }) => schedule === name))
    .flatMap(name => natives.map((native, i) => row(i === 0 ? name : '', native, of(native, ({ schedule }) => schedule === name))));
  const sum = (name, filter) => natives.map((native, i) => row(i === 0 ? `**${name}**` : '', native, of(native, filter)));
  const sums = [...sum('all', () => true), ...sum('all in which the script does not give up', result => !result.givesUp)];
  return `### @clerk/expo ${version}

| schedule | native side | shown ≤ 3 s | token ≤ 30 s | ever | lost for good | wrongly restored | sign-in flashed | revoked by the SDK |
|---|---|--:|--:|--:|--:|--:|--:|--:|
${[...rows, ...sums].join('\n')}
`;
}

// How often each row was repeated.
function countsOf(results) {
  const rows = new Map();
  for (const { generation, native, schedule } of results) {
    const key = `${generation} ${native} ${schedule}`;
    rows.set(key, (rows.get(key) ?? 0) + 1);
  }
  return [...rows.values()];
}

/** The results as markdown, in per cent of the repetitions. */
export function markdown(results, seed) {
  const generations = [...new Set(results.map(({ generation }) => generation))].sort();
  const counts = countsOf(results);
  const repetitions = Math.min(...counts) === Math.max(...counts) ? counts[0] : `${Math.min(...counts)} to ${Math.max(...counts)}`;
  return `<!-- Made by \`make coldstart\`. -->

Per cent of ${repetitions} cold starts each, seed ${seed}, of an app with the SDK's
token cache and resource cache. The native sides ran at the same time, over the
same server and the same faults. The server is Perennial's, which forgives more
than the one that the original was made for: it keeps every predecessor of a token
valid. Where *the other* token is *forgotten*, it is made to answer that token like
an unknown one; \`native token newer, the other forgotten\` is the reported case.

- *shown*, *token*: from the first render, with whatever else the machine did meanwhile.
- *ever*: shown as signed in within the observed launch, at the latest 15 s after the fault.
- *lost for good*: two healthy launches afterwards do not show the session either.
- *wrongly restored*: somebody else's session, or one that the server has ended.
- *sign-in flashed*: the script rendered \`isLoaded\` without \`isSignedIn\`, however briefly.
- *gives up*: when the script's first load is answered with an error in JSON (500, 503, 429,
  a middlebox's 401), \`load()\` rejects and \`@clerk/react\` never attaches the instance. The
  splash stays until the next launch, whatever the native side says. Nothing is lost by it,
  and the provider of bindings/expo mounts the script's anew.
- *clock*: the script's; the core decides nothing by the device's clock.

${generations.map(generation => section(generation, results.filter(result => result.generation === generation))).join('\n')}`;
}
