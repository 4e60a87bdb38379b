// What an authenticator app does (RFC 6238), and what checks the signature of a webhook (Standard Webhooks 1.0).

import { createHmac } from 'node:crypto';

const STEP_MS = 30_000;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function bytesOf(base32) {
  const bits = [...base32].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}

/** An app with this secret: each call gives the code of a later step, the first one that of the step before now. A shop takes no step twice. */
export function authenticator(secret) {
  const key = bytesOf(secret.replaceAll(' ', ''));
  let last = -Infinity;
  return () => {
    last = Math.max(last + 1, Math.floor(Date.now() / STEP_MS) - 1);
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(last));
    const digest = createHmac('sha1', key).update(counter).digest();
    const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, '0');
  };
}

/** Whether a message was signed with this secret. */
export function isSigned(secret, { headers, body }) {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.`).update(body).digest('base64');
  return headers['webhook-signature'].split(' ').includes(`v1,${signature}`);
}
