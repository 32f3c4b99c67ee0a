// The audit finds what it is there to find, in a document with script and in
// one without.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { overflow, violations } from './audit.mjs';
import { Instances } from './instances.mjs';

const PAGE = `<!DOCTYPE html><html lang="en"><title>Wrong</title><meta name="color-scheme" content="light dark">
<style>p { color: light-dark(#000, #555) } body { background: light-dark(#fff, #000) }</style>
<main><h1>Wrong</h1><p>Too dim at night.</p><input><table style="width: 900px"><td>wide</table></main>`;

let instances;
before(async () => (instances = await Instances.start()));
after(() => instances?.stop());

for (const script of [true, false]) {
  test(`the audit finds what is wrong, ${script ? 'with' : 'without'} script`, async () => {
    const context = await instances.browser.newContext({ javaScriptEnabled: script, viewport: { width: 320, height: 640 } });
    const page = await context.newPage();
    await page.goto(`data:text/html,${encodeURIComponent(PAGE)}`);
    const session = await context.newCDPSession(page);
    const [label, ...more] = await violations(session, { script });
    assert.match(label, /^label .*<input>/);
    assert.deepEqual(more, []);
    await page.emulateMedia({ colorScheme: 'dark' });
    const [contrast] = await violations(session, { script, colours: true });
    assert.match(contrast, /^color-contrast .*Too dim/);
    assert.match((await overflow(session))[0], /on 320: <table/);
    await context.close();
  });
}
