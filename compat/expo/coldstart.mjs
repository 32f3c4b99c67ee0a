// The long run: every schedule on every device, and the table of what was seen.
//   node coldstart.mjs [--repetitions N] [--seed S] [--only TEXT] [--native N]
//                      [--generation G] [--at-once N] [--minutes N] [--short] [--stories] [--table FILE]
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { broken } from './runner/required.mjs';
import { run } from './runner/run.mjs';
import { markdown } from './runner/table.mjs';

const { values } = parseArgs({
  options: {
    repetitions: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    native: { type: 'string', multiple: true, default: ['original', 'perennial', 'package'] },
    generation: { type: 'string', multiple: true, default: ['3', '4'] },
    'at-once': { type: 'string', default: '16' },
    minutes: { type: 'string', default: '120' },
    short: { type: 'boolean', default: false },
    stories: { type: 'boolean', default: false },
    table: { type: 'string' },
  },
});

const results = await run({
  repetitions: Number(values.repetitions),
  seed: values.seed,
  only: values.only,
  natives: values.native,
  generations: values.generation.map(Number),
  atOnce: Number(values['at-once']),
  minutes: Number(values.minutes),
  short: values.short,
  onResult(result) {
    const { generation, native, schedule, number, shownMs, tokenMs, story, ...seen } = result;
    const marks = Object.entries(seen).filter(([, value]) => value).map(([name, value]) => (value === true ? name : `${name} ${value}`));
    const time = ms => (ms === undefined ? '-' : `${Math.round(ms)} ms`);
    console.log(`${generation} ${native} #${number} ${schedule}: shown ${time(shownMs)}, token ${time(tokenMs)}; ${marks.join(', ')}`);
    if (values.stories && broken(result).length > 0) console.log(story.replace(/^/gm, '    '));
  },
});
const table = markdown(results, values.seed);
if (values.table) await writeFile(values.table, table);
else console.log(table);

const failures = results.filter(result => result.native !== 'original' && broken(result).length > 0);
for (const { generation, native, number, schedule, ...seen } of failures) {
  console.error(`${generation} ${native} #${number} ${schedule}: ${broken(seen).join('; ')}`);
}
process.exitCode = failures.length > 0 ? 1 : 0;
