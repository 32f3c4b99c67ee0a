// What is checked of a page at rest, whatever it shows: accessibility by axe-core,
// in both colour schemes, and that nothing sticks out of a narrow screen.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

// A document that may not run script has no timers, which axe-core waits for now
// and then; it gets by with the end of the task. The document is the one that
// the visitor has, and none of its own script runs because of the audit.
const WITHOUT_TIMERS = 'var setTimeout = run => (Promise.resolve().then(run), 0);';

const run = (script, options) => `(async () => {
  ${script ? '' : WITHOUT_TIMERS}
  if (!globalThis.axe) { ${AXE} }
  const { violations } = await axe.run(document, ${JSON.stringify(options)});
  return violations.flatMap(({ id, help, nodes }) => nodes.map(node =>
    id + ' (' + help + '): ' + node.html.slice(0, 300) + ' ' + node.any.map(check => check.message).join('; ')));
})()`;

/** What axe-core finds wrong with the page in the colour scheme that it has now;
 * of a second scheme only what depends on colours is asked. */
export async function violations(session, { script, colours = false }) {
  const options = { resultTypes: ['violations'], preload: false, runOnly: colours ? ['color-contrast'] : RULES };
  if (!colours) options.rules = { 'target-size': { enabled: true } };
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
    expression: run(script, options), awaitPromise: true, returnByValue: true,
  });
  if (exceptionDetails) throw new Error(`axe-core: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
  return result.value;
}

/** What is wider than the screen. */
export async function overflow(session) {
  const { result } = await session.send('Runtime.evaluate', { expression: `(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const wide = [...document.querySelectorAll('body *')].filter(element => {
      const box = element.getBoundingClientRect();
      return box.right > root.clientWidth + 1 || box.left < -1;
    });
    return ['the page is ' + root.scrollWidth + ' wide on ' + root.clientWidth + ': ' + wide.slice(0, 3).map(each => each.outerHTML.slice(0, 200)).join(' | ')];
  })()`, returnByValue: true });
  return result.value;
}
