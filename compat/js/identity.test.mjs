// Ways to sign in and second factors, by the published SDK without a browser.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { deflateSync, crc32 } from 'node:zlib';

import { Device } from './harness/device.mjs';
import { releases } from './harness/releases.mjs';
import { Server } from './harness/server.mjs';
import { totp } from './harness/totp.mjs';

const PASSWORD = 'correct horse battery 9';
const SETTINGS = {
  username: 'optional',
  phone_number: 'optional',
  second_factors: { phone_code: true, email_code: true },
};

for (const release of releases) {
  describe(`clerk-js ${release.version}, ways to sign in`, () => {
    let server;
    const launched = [];

    before(async () => {
      server = await Server.start({ settings: SETTINGS });
    });
    after(async () => {
      await Promise.all(launched.map(app => app.kill()));
      await server?.stop();
    });

    /** An app that was just installed. */
    async function install() {
      const app = await Device.launch(server, path.join(server.folder, `store-${launched.length}.json`), release);
      launched.push(app);
      await app.call('load');
      return app;
    }

    /** Signs up by mail and activates the session. */
    async function signUp(app, emailAddress, more = {}) {
      await app.run(async (clerk, fields) => void (await clerk.client.signUp.create(fields)), { emailAddress, password: PASSWORD, ...more });
      await app.call('prepareSignUp');
      const done = await app.call('attemptSignUp', { code: await server.code(emailAddress) });
      assert.equal(done.status, 'complete');
      return app.call('activate', { sessionId: done.createdSessionId });
    }

    test('sign-up with a username, sign-in by it in any case', async () => {
      const app = await install();
      const state = await signUp(app, 'ada@example.com', { username: 'Ada_Lovelace' });
      const other = await install();
      const attempt = await other.call('signIn', { identifier: 'ADA_lovelace', password: PASSWORD });
      assert.equal(attempt.status, 'complete');
      assert.equal((await other.call('activate', { sessionId: attempt.createdSessionId })).userId, state.userId);
      await assert.rejects(
        app.run(clerk => clerk.user.update({ username: 'аda' })), // a Cyrillic letter
        error => error.codes?.[0] === 'form_username_invalid_length' || error.codes?.[0] === 'form_username_invalid_character',
      );
    });

    test('sign-up and sign-in with a phone number and the code of a text', async () => {
      const number = '+493012345678';
      const app = await install();
      const created = await app.run(async clerk => {
        const attempt = await clerk.client.signUp.create({ phoneNumber: '+49 (30) 1234-5678', emailAddress: 'phone@example.com' });
        await attempt.preparePhoneNumberVerification();
        return { number: attempt.phoneNumber, unverified: attempt.unverifiedFields };
      });
      assert.equal(created.number, number);
      assert.deepEqual(created.unverified.toSorted(), ['email_address', 'phone_number']);
      const half = await app.run(
        async (clerk, code) => (await clerk.client.signUp.attemptPhoneNumberVerification({ code })).status,
        await server.code(number),
      );
      assert.equal(half, 'missing_requirements');
      await app.call('prepareSignUp');
      const done = await app.call('attemptSignUp', { code: await server.code('phone@example.com') });
      assert.equal(done.status, 'complete');

      const other = await install();
      const offered = await other.run(async (clerk, identifier) => {
        const attempt = await clerk.client.signIn.create({ identifier });
        const factor = attempt.supportedFirstFactors.find(each => each.strategy === 'phone_code');
        await attempt.prepareFirstFactor(factor);
        return factor.safeIdentifier;
      }, number);
      assert.equal(offered, number);
      const attempt = await other.call('attemptFirstFactor', { strategy: 'phone_code', code: await server.code(number) });
      assert.equal(attempt.status, 'complete');
    });

    test('test identities verify with 424242 and get no message', async () => {
      const app = await install();
      const status = await app.run(async clerk => {
        const attempt = await clerk.client.signUp.create({ emailAddress: 'me+clerk_test@example.com', phoneNumber: '+15555550100' });
        await attempt.preparePhoneNumberVerification();
        await attempt.attemptPhoneNumberVerification({ code: '424242' });
        await attempt.prepareEmailAddressVerification({ strategy: 'email_code' });
        return (await attempt.attemptEmailAddressVerification({ code: '424242' })).status;
      });
      assert.equal(status, 'complete');
      const inbox = await (await fetch(server.inboxUrl)).json();
      assert.equal(inbox.filter(message => message.to.includes('clerk_test') || message.to === '+15555550100').length, 0);
    });

    describe('second factors', () => {
      const emailAddress = 'two@example.com';
      let owner, secret, backupCodes;

      before(async () => {
        owner = await install();
        await signUp(owner, emailAddress);
      });

      async function firstFactor() {
        const app = await install();
        const attempt = await app.call('signIn', { identifier: emailAddress, password: PASSWORD });
        assert.equal(attempt.status, 'needs_second_factor');
        return app;
      }
      const prove = (app, proof) =>
        app.run(async (clerk, proof) => {
          const attempt = await clerk.client.signIn.attemptSecondFactor(proof);
          if (attempt.status === 'complete') await clerk.setActive({ session: attempt.createdSessionId });
          return { status: attempt.status, session: clerk.session?.id ?? null };
        }, proof);

      test('an authenticator app is set up and brings backup codes', async () => {
        secret = await owner.run(async clerk => (await clerk.user.createTOTP()).secret);
        const verified = await owner.run(async (clerk, code) => {
          const app = await clerk.user.verifyTOTP({ code });
          return { verified: app.verified, codes: app.backupCodes, enabled: clerk.user.totpEnabled && clerk.user.twoFactorEnabled };
        }, totp(secret, -1));
        assert.equal(verified.verified, true);
        assert.equal(verified.enabled, true);
        assert.equal(verified.codes.length, 10);
        backupCodes = verified.codes;
      });

      test('sign-in asks for its code, which works once', async () => {
        const app = await firstFactor();
        const code = totp(secret);
        await assert.rejects(prove(app, { strategy: 'totp', code: '000000' }), error => error.codes[0] === 'form_code_incorrect');
        const done = await prove(app, { strategy: 'totp', code });
        assert.equal(done.status, 'complete');
        assert.ok(done.session);
        const thief = await firstFactor();
        await assert.rejects(prove(thief, { strategy: 'totp', code }), error => error.codes[0] === 'form_code_incorrect');
      });

      test('a backup code stands in, once', async () => {
        const app = await firstFactor();
        assert.equal((await prove(app, { strategy: 'backup_code', code: backupCodes[0] })).status, 'complete');
        const again = await firstFactor();
        await assert.rejects(prove(again, { strategy: 'backup_code', code: backupCodes[0] }), error => error.codes[0] === 'form_code_incorrect');
        const fresh = await owner.run(async clerk => (await clerk.user.createBackupCode()).codes);
        assert.equal(fresh.length, 10);
        assert.equal((await prove(again, { strategy: 'backup_code', code: fresh[0] })).status, 'complete');
      });

      test('a number is added, proven, reserved, and its text code is a second factor', async () => {
        const number = '+33123456789';
        await owner.run(async (clerk, phoneNumber) => {
          globalThis.number = await clerk.user.createPhoneNumber({ phoneNumber });
          await globalThis.number.prepareVerification();
        }, number);
        const reserved = await owner.run(async (clerk, code) => {
          await globalThis.number.attemptVerification({ code });
          await globalThis.number.setReservedForSecondFactor({ reserved: true });
          await globalThis.number.makeDefaultSecondFactor();
          return clerk.user.phoneNumbers.map(each => each.reservedForSecondFactor);
        }, await server.code(number));
        assert.deepEqual(reserved, [true]);
        const app = await firstFactor();
        await app.run(async clerk => {
          const factor = clerk.client.signIn.supportedSecondFactors.find(each => each.strategy === 'phone_code');
          await clerk.client.signIn.prepareSecondFactor({ strategy: 'phone_code', phoneNumberId: factor.phoneNumberId });
        });
        assert.equal((await prove(app, { strategy: 'phone_code', code: await server.code(number) })).status, 'complete');
      });

      test('a mail code is a second factor', async () => {
        const app = await firstFactor();
        await app.run(async clerk => {
          const factor = clerk.client.signIn.supportedSecondFactors.find(each => each.strategy === 'email_code');
          await clerk.client.signIn.prepareSecondFactor({ strategy: 'email_code', emailAddressId: factor.emailAddressId });
        });
        assert.equal((await prove(app, { strategy: 'email_code', code: await server.code(emailAddress) })).status, 'complete');
      });

      test('reverification proves the person again and the token tells when', async () => {
        const begun = await owner.run(async clerk => {
          const verification = await clerk.session.startVerification({ level: 'first_factor' });
          return { status: verification.status, factors: verification.supportedFirstFactors.map(each => each.strategy) };
        });
        assert.equal(begun.status, 'needs_first_factor');
        assert.ok(begun.factors.includes('password'));
        await assert.rejects(
          owner.run(clerk => clerk.session.attemptFirstFactorVerification({ strategy: 'password', password: 'wrong' })),
          error => error.codes[0] === 'form_password_incorrect',
        );
        const done = await owner.run(async (clerk, password) => {
          const verification = await clerk.session.attemptFirstFactorVerification({ strategy: 'password', password });
          return { status: verification.status, age: clerk.session.factorVerificationAge };
        }, PASSWORD);
        assert.equal(done.status, 'complete');
        assert.equal(done.age[0], 0);
        const token = await owner.call('token', { skipCache: true });
        const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
        assert.equal(claims.fva[0], 0);
      });

      test('sensitive changes ask for it where the instance says so', async () => {
        await server.backend('PATCH', '/instance/settings', { reverification: true });
        try {
          await assert.rejects(
            owner.run(clerk => clerk.user.disableTOTP()),
            error => error.status === 403 && error.codes[0] === 'session_reverification_required',
          );
        } finally {
          await server.backend('PATCH', '/instance/settings', { reverification: false });
        }
      });

      test('without second factors sign-in is one step again', async () => {
        const left = await owner.run(async clerk => {
          await clerk.user.disableTOTP();
          for (const number of [...clerk.user.phoneNumbers]) await number.destroy();
          await clerk.user.reload();
          return [clerk.user.twoFactorEnabled, clerk.user.totpEnabled, clerk.user.backupCodeEnabled];
        });
        assert.deepEqual(left, [false, false, false]);
        const app = await install();
        assert.equal((await app.call('signIn', { identifier: emailAddress, password: PASSWORD })).status, 'complete');
      });
    });

    test('where a second factor is required, a session waits until one is set up', async () => {
      await server.backend('PATCH', '/instance/settings', { second_factors: { required: true } });
      try {
        const app = await install();
        await app.run(async clerk => void (await clerk.client.signUp.create({ emailAddress: 'required@example.com' })));
        await app.call('prepareSignUp');
        const done = await app.call('attemptSignUp', { code: await server.code('required@example.com') });
        const pending = await app.run(async (clerk, session) => {
          await clerk.setActive({ session });
          return { status: clerk.session.status, task: clerk.session.currentTask?.key };
        }, done.createdSessionId);
        assert.deepEqual(pending, { status: 'pending', task: 'setup-mfa' });
        const secret = await app.run(async clerk => (await clerk.user.createTOTP()).secret);
        const active = await app.run(async (clerk, code) => {
          await clerk.user.verifyTOTP({ code });
          return { status: clerk.session.status, task: clerk.session.currentTask ?? null };
        }, totp(secret));
        assert.deepEqual(active, { status: 'active', task: null });
      } finally {
        await server.backend('PATCH', '/instance/settings', { second_factors: { required: false } });
      }
    });

    test('by invitation only: a ticket opens the door, once, for its address', async () => {
      await server.backend('PATCH', '/instance/settings', { sign_up_mode: 'restricted' });
      try {
        const app = await install();
        await assert.rejects(
          app.run(clerk => clerk.client.signUp.create({ emailAddress: 'stranger@example.com' })),
          error => error.status === 403 && error.codes[0] === 'sign_up_mode_restricted',
        );
        const invitation = await server.backend('POST', '/invitations', {
          email_address: 'guest@example.com',
          public_metadata: { plan: 'gold' },
          redirect_url: 'http://127.0.0.1:9/welcome',
        });
        const link = await fetch(invitation.url.replace(server.tlsUrl, server.url), { redirect: 'manual' });
        const landing = new URL(link.headers.get('location'));
        assert.equal(landing.searchParams.get('__clerk_status'), 'sign_up');
        const ticket = landing.searchParams.get('__clerk_ticket');
        const guest = await app.run(async (clerk, ticket) => {
          const attempt = await clerk.client.signUp.create({ strategy: 'ticket', ticket });
          await clerk.setActive({ session: attempt.createdSessionId });
          return { status: attempt.status, email: clerk.user.primaryEmailAddress.emailAddress, plan: clerk.user.publicMetadata.plan };
        }, ticket);
        assert.deepEqual(guest, { status: 'complete', email: 'guest@example.com', plan: 'gold' });
        const other = await install();
        await assert.rejects(
          other.run((clerk, ticket) => clerk.client.signUp.create({ strategy: 'ticket', ticket }), ticket),
          error => error.codes[0] === 'sign_in_token_already_used_code',
        );
      } finally {
        await server.backend('PATCH', '/instance/settings', { sign_up_mode: 'public' });
      }
    });

    test('the waitlist is joined, and whoever is on it is invited', async () => {
      await server.backend('PATCH', '/instance/settings', { sign_up_mode: 'waitlist' });
      try {
        const app = await install();
        const id = await app.run(async clerk => (await clerk.joinWaitlist({ emailAddress: 'waiting@example.com' })).id);
        const entry = await server.backend('POST', `/waitlist_entries/${id}/invite`, {});
        assert.equal(entry.status, 'invited');
        const inbox = await (await fetch(`${server.inboxUrl}?to=waiting@example.com`)).json();
        assert.match(inbox[0].link, /\/v1\/tickets\/accept\?ticket=/);
      } finally {
        await server.backend('PATCH', '/instance/settings', { sign_up_mode: 'public' });
      }
    });

    test('blocked addresses are told so', async () => {
      await server.backend('POST', '/blocklist_identifiers', { identifier: '*@blocked.example.com' });
      await server.backend('PATCH', '/instance/restrictions', { blocklist: true });
      try {
        const app = await install();
        await assert.rejects(
          app.run(clerk => clerk.client.signUp.create({ emailAddress: 'x@blocked.example.com' })),
          error => error.status === 403 && error.codes[0] === 'not_allowed_access',
        );
      } finally {
        await server.backend('PATCH', '/instance/restrictions', { blocklist: false });
      }
    });

    test('a sign-in without an account goes over to a sign-up', async () => {
      const app = await install();
      const proven = await app.run(async clerk => {
        const attempt = await clerk.client.signIn.create({ identifier: 'fresh@example.com', signUpIfMissing: true });
        const factor = attempt.supportedFirstFactors.find(each => each.strategy === 'email_code');
        await attempt.prepareFirstFactor(factor);
        return attempt.status;
      });
      assert.equal(proven, 'needs_first_factor');
      const done = await app.run(async (clerk, code) => {
        const attempt = await clerk.client.signIn.attemptFirstFactor({ strategy: 'email_code', code });
        const status = attempt.firstFactorVerification.status;
        const created = await clerk.client.signUp.create({ transfer: true });
        await clerk.setActive({ session: created.createdSessionId });
        return { status, created: created.status, email: clerk.user.primaryEmailAddress.emailAddress };
      }, await server.code('fresh@example.com'));
      assert.deepEqual(done, { status: 'transferable', created: 'complete', email: 'fresh@example.com' });
    });

    test('a profile image is uploaded, served and removed', async () => {
      const app = await install();
      await signUp(app, 'image@example.com');
      const image = await app.run(async (clerk, file) => {
        const picture = await clerk.user.setProfileImage({ file: new Blob([Buffer.from(file, 'base64')], { type: 'image/png' }) });
        return { url: picture.publicUrl, has: clerk.user.hasImage, user: clerk.user.imageUrl };
      }, png(600, 300).toString('base64'));
      assert.equal(image.has, true);
      assert.equal(image.user, image.url);
      const served = await fetch(`${server.url}${new URL(image.url).pathname}`);
      assert.equal(served.status, 200);
      assert.equal(served.headers.get('content-type'), 'image/jpeg');
      assert.equal(served.headers.get('x-content-type-options'), 'nosniff');
      const left = await app.run(async (clerk, text) => {
        await clerk.user.setProfileImage({ file: text }); // a data URL
        const before = clerk.user.imageUrl;
        await clerk.user.setProfileImage({ file: null });
        return { before, has: clerk.user.hasImage };
      }, `data:image/png;base64,${png(8, 8).toString('base64')}`);
      assert.notEqual(left.before, image.url);
      assert.equal(left.has, false);
      assert.equal((await fetch(`${server.url}${new URL(image.url).pathname}`)).status, 404);
    });

    test('sessions show device and place, and an account can be deleted', async () => {
      const app = await install();
      await signUp(app, 'gone@example.com');
      const sessions = await app.run(async clerk =>
        (await clerk.user.getSessions()).map(each => ({ status: each.status, activity: each.latestActivity?.ipAddress })),
      );
      assert.equal(sessions.length, 1);
      assert.ok(sessions[0].activity);
      await app.run(async clerk => void (await clerk.user.delete()));
      const other = await install();
      await assert.rejects(
        other.call('signIn', { identifier: 'gone@example.com', password: PASSWORD }),
        error => error.codes[0] === 'form_identifier_not_found',
      );
    });
  });
}

/** A picture in one colour. */
function png(width, height) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // eight bits of red, green and blue
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, 0x7f)]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
