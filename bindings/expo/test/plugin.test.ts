import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { androidManifest, assertExcluded, infoPlist, metaDataNames } from '../plugin/index.js';

const manifest = () => ({
  manifest: { $: { 'xmlns:android': '' }, queries: [], application: [{ $: { 'android:name': '.MainApplication' as const } }] },
});

test('settings are written, and taken away again', () => {
  assert.deepEqual(infoPlist({ A: 1 }, { server: 'https://x.test', trace: true }), { A: 1, PerennialServer: 'https://x.test', PerennialTrace: true });
  assert.deepEqual(infoPlist({ A: 1, PerennialServer: 'old', PerennialTrace: true }, {}), { A: 1 });

  const data = (result: ReturnType<typeof androidManifest>) =>
    Object.fromEntries((result.manifest.application?.[0]?.['meta-data'] ?? []).map((item) => [item.$['android:name'], item.$['android:value']]));
  const written = androidManifest(manifest(), { server: 'https://x.test', trace: true });
  assert.deepEqual(data(written), { [metaDataNames.server]: 'https://x.test', [metaDataNames.trace]: 'true' });
  assert.deepEqual(data(androidManifest(written, {})), {});
});

test('an app with two native sides is refused, with what to do', () => {
  const app = mkdtempSync(join(tmpdir(), 'perennial-expo-'));
  try {
    const file = join(app, 'package.json');
    for (const without of ['{}', '{"expo":{}}', '{"expo":{"autolinking":{"exclude":["something-else"]}}}']) {
      writeFileSync(file, without);
      assert.throws(() => assertExcluded(app), /"exclude": \["@clerk\/expo"\]/);
    }
    writeFileSync(file, '{"expo":{"autolinking":{"exclude":["@clerk/expo"]}}}');
    assertExcluded(app);
  } finally {
    rmSync(app, { recursive: true });
  }
});
