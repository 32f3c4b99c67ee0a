// Makes docs/gallery.md of the pictures that pages.test.mjs took, in the folder
// that is given: a few of them, which show each kind of page once.
import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const docs = path.resolve(import.meta.dirname, '../../docs');
const folder = process.argv[2];
if (!folder) throw new Error('usage: node compat/hosted/gallery.mjs FOLDER');

// In bytes, of all pictures together: they are part of the repository.
const LIMIT = 1_500_000;

const PICTURES = {
  'Signing in and up': {
    'One field to begin with': 'sign-in-with-a-password.identify.script.light',
    'The same in the dark, with what was wrong': 'sign-in-with-a-password.wrong-password.script.dark',
    'A code by mail': 'sign-up-by-code.code.script.light',
    'On a narrow screen': 'sign-up-with-everything.create.script.narrow',
    'An account elsewhere': 'account-at-a-provider.offered.script.light',
    'A second factor': 'authenticator-app.app.script.light',
    'Several accounts in one browser': 'accounts-and-signing-out.accounts.script.light',
    'From right to left': 'from-right-to-left.wrong-password.script.light',
    'Accent and corners of an instance': 'instance-with-a-look-of-its-own.identify.script.light',
  },
  'The account': {
    'Overview': 'account.overview.script.light',
    'Addresses': 'account-details.verified.script.light',
    'An authenticator app': 'account-second-factors.app.script.light',
  },
  'Organizations': {
    'An organization of which one is the administrator': 'organization.general.script.light',
    'Invitations, in the dark': 'organization.invitations.script.dark',
  },
  'When it does not work': {
    'A flow that is over': 'flow-that-is-over.error.script.light',
  },
};

const target = path.join(docs, 'gallery');
rmSync(target, { recursive: true, force: true });
mkdirSync(target);

const lines = [
  '# Gallery', '',
  'What people see of the [hosted pages](hosted-pages.md). `make gallery` takes the pictures', 'anew, as the tests in Chromium go through every flow.',
];
let size = 0;
for (const [heading, pictures] of Object.entries(PICTURES)) {
  lines.push('', `## ${heading}`);
  for (const [caption, name] of Object.entries(pictures)) {
    const from = path.join(folder, `${name}.png`);
    size += statSync(from).size;
    copyFileSync(from, path.join(target, `${name}.png`));
    lines.push('', `${caption}:`, '', `![${caption}](gallery/${name}.png)`);
  }
}
if (size > LIMIT) throw new Error(`${size} bytes of pictures, more than ${LIMIT}`);
writeFileSync(path.join(docs, 'gallery.md'), `${lines.join('\n')}\n`);
console.log(`docs/gallery.md: ${size} bytes of pictures`);
