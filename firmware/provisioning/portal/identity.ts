/**
 * Who the set-up network is: its name, its password for the label, its QR text, and tokens.
 *
 * The password comes from a secret that each board draws once, so it is guessed by nobody, and from
 * the MAC, so that a flash image copied to a second board does not open it with the first one's
 * label. No letter or digit of it can be taken for another.
 */

import type { Random } from '../../ports.ts';

const READABLE = 'abcdefghjkmnpqrstuvwxyz23456789';
const HEX = '0123456789ABCDEF';

/** Characters of a password, and bytes of the secret behind it: 49 bits. */
export const PASSWORD_LENGTH = 10;
const TOKEN_LENGTH = 16;

/** A board's secret, to be kept for its life: a label depends on it. */
export function drawSecret(dice: Random): Uint8Array {
  const secret = new Uint8Array(PASSWORD_LENGTH);
  for (let i = 0; i < PASSWORD_LENGTH; i += 1) secret[i] = dice.below(READABLE.length);
  return secret;
}

/** `Mote-` and the last two bytes of the MAC. */
export function networkName(mac: Uint8Array): string {
  let name = 'Mote-';
  for (let i = 4; i < 6; i += 1) name += HEX[mac[i] >> 4] + HEX[mac[i] & 15];
  return name;
}

/** The password of the set-up network. @param secret `PASSWORD_LENGTH` bytes */
export function networkPassword(secret: Uint8Array, mac: Uint8Array): string {
  let password = '';
  for (let i = 0; i < PASSWORD_LENGTH; i += 1) {
    password += READABLE[(secret[i] + mac[i % 6]) % READABLE.length];
  }
  return password;
}

/** What a phone's camera joins the network with; nothing in name and password needs an escape. */
export function qrText(name: string, password: string): string {
  return `WIFI:T:WPA;S:${name};P:${password};;`;
}

/** A token for the forms of one boot: 79 bits. */
export function drawToken(dice: Random): string {
  let token = '';
  for (let i = 0; i < TOKEN_LENGTH; i += 1) token += READABLE[dice.below(READABLE.length)];
  return token;
}
