// Every flow through the hosted pages in Chromium, with script and without, and
// at each of its states what audit.mjs asks. With PERENNIAL_SCREENSHOTS the
// states are kept as pictures in that folder.
import { after, before, describe, test } from 'node:test';

import { elsewhere } from './flows/elsewhere.mjs';
import { inbox } from './flows/inbox.mjs';
import { organization } from './flows/organization.mjs';
import { secondFactor } from './flows/second-factor.mjs';
import { signIn } from './flows/sign-in.mjs';
import { signUp } from './flows/sign-up.mjs';
import { trouble } from './flows/trouble.mjs';
import { user } from './flows/user.mjs';
import { Instances } from './instances.mjs';
import { Visitor } from './visitor.mjs';

const flows = [...signUp, ...signIn, ...secondFactor, ...elsewhere, ...user, ...organization, ...inbox, ...trouble];

describe('hosted pages, Chromium', { concurrency: 2 }, () => {
  let instances;
  before(async () => (instances = await Instances.start()));
  after(() => instances?.stop());

  for (const flow of flows) {
    for (const script of flow.script === 'only' ? [true] : [true, false]) {
      test(`${flow.name}, ${script ? 'with' : 'without'} script`, async () => {
        const server = await instances.named(flow.instance ?? 'plain');
        const visitor = await Visitor.arrive(instances.browser, server, { flow: flow.name, script, language: flow.language });
        try {
          await flow.run(visitor);
        } catch (error) {
          await visitor.context.close();
          throw error;
        }
        await visitor.close();
      });
    }
  }
});
