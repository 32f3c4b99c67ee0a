// What pages weigh as they come over the wire, the first one that somebody sees
// most of all.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { after, before, describe, test } from 'node:test';

import { account, Instances } from './instances.mjs';
import { Visitor } from './visitor.mjs';

const KB = 1024;

const read = async answer => ({
  kind: answer.request().resourceType(), url: answer.url(), body: await answer.body().catch(() => Buffer.alloc(0)), headers: answer.headers(),
});

describe('the weight of hosted pages', () => {
  let instances, v;
  const answers = [];
  before(async () => {
    instances = await Instances.start();
    v = await Visitor.arrive(instances.browser, await instances.named('plain'), { flow: 'weight' });
    // Chromium forgets what a document was made of when another takes its place.
    v.page.on('response', answer => answer.status() === 200 && answers.push(read(answer)));
  });
  after(async () => {
    try {
      await v?.close();
    } finally {
      await instances?.stop();
    }
  });

  const weigh = async () => {
    const loaded = await Promise.all(answers);
    const all = loaded.reduce((sum, { body }) => sum + body.length, 0);
    const script = loaded.filter(({ kind }) => kind === 'script').reduce((sum, { body }) => sum + gzipSync(body).length, 0);
    return { loaded, all, script };
  };

  test('the first page is 100 KB at most, and all script 30 KB compressed', async t => {
    await v.open('/sign-in');
    const { loaded, all, script } = await weigh();
    assert.ok(loaded.some(({ kind }) => kind === 'stylesheet') && loaded.some(({ kind }) => kind === 'script'));
    t.diagnostic(`first page ${(all / KB).toFixed(1)} KB, its script ${(script / KB).toFixed(1)} KB compressed`);
    assert.ok(all <= 100 * KB, `${all} bytes`);
    assert.ok(script <= 30 * KB, `${script} bytes`);
  });

  test('what pages share is asked for once, and pages are not kept', async () => {
    const email = v.address('ada');
    await account(v.server, email);
    await v.signIn(email);
    await v.open('/organization');
    const { loaded, script } = await weigh();
    for (const { url, kind, headers } of loaded) {
      if (kind === 'document') assert.match(headers['cache-control'], /no-store/, url);
      if (['script', 'stylesheet'].includes(kind)) assert.match(headers['cache-control'], /immutable/, url);
    }
    assert.ok(script <= 30 * KB, `${script} bytes`);
  });
});
