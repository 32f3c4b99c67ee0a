// A passkey in software (Web Authentication, level 2): what a browser hands to
// the server when it makes one, without attestation.
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';

const PRESENT_VERIFIED_ATTESTED = 0x45;

/** A byte string in CBOR with a length of two bytes. */
const bytes = value => Buffer.concat([Buffer.from([0x59, value.length >> 8, value.length & 0xff]), value]);
const text = value => Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)]);

export class Passkey {
  id = randomBytes(32);

  /** Answers the options of a registration, asked for by a page of an origin. */
  register({ challenge, rp }, origin) {
    const clientData = Buffer.from(JSON.stringify({ type: 'webauthn.create', challenge, origin, crossOrigin: false }));
    const object = Buffer.concat([
      Buffer.from([0xa3]), text('fmt'), text('none'), text('attStmt'), Buffer.from([0xa0]), text('authData'), bytes(this.data(rp.id)),
    ]);
    const id = this.id.toString('base64url');
    return {
      id,
      rawId: id,
      type: 'public-key',
      authenticatorAttachment: 'platform',
      response: { clientDataJSON: clientData.toString('base64url'), attestationObject: object.toString('base64url'), transports: ['internal'] },
    };
  }

  data(rpId) {
    const head = Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.from([PRESENT_VERIFIED_ATTESTED]), Buffer.alloc(4 + 16)]);
    return Buffer.concat([head, Buffer.from([0, this.id.length]), this.id, coseKey()]);
  }
}

// {1: EC2, 3: ES256, -1: P-256, -2: x, -3: y}
function coseKey() {
  const { x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  const [head, before] = [Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]), Buffer.from([0x22])];
  return Buffer.concat([head, short(x), before, short(y)]);
}

const short = value => Buffer.concat([Buffer.from([0x58, 32]), Buffer.from(value, 'base64url')]);
