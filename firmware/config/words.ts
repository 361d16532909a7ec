/** Problems in plain English, for logs and for the answer to remote settings. Never a value. */

import { CHOICES, type FieldProblem } from './fields.ts';

const WORDS: Readonly<Record<string, string>> = Object.freeze({
  bytes: 'must have {min} to {max} bytes',
  'wifi password': 'must have {min} to {max} ASCII characters, or 64 hexadecimal digits',
  host: 'must be a name or an IP address',
  name: 'must have {min} to {max} letters, digits or hyphens',
  topic: 'must be a topic of {min} to {max} bytes without + and #, not from $ or / on, not to a /',
  path: 'must begin with / and have at most {max} ASCII characters without spaces',
  text: 'must be text of at most {max} bytes',
  list: 'must be names with commas between, at most {max} bytes',
  whole: 'must be a whole number from {min} to {max}',
  decimal: 'must be a number from {min} to {max}',
  flag: 'must be on or off',
  choice: 'must be one of {choices}',
  certificate: 'must be certificates in PEM, at most {max} bytes',
  'private key': 'must be one private key in PEM, not encrypted, at most {max} bytes',
  ipv4: 'must be an IPv4 address',
  netmask: 'must be a netmask such as 255.255.255.0',
  ascii: 'must be ASCII: give the address instead, or the name that begins with xn--',
  required: 'is missing',
  subnet: 'is not in the network of the address',
  'tls only': 'is of use with TLS only',
  'too large': 'has more than {max} bytes together with certificate and key',
  'needs version 5': 'is missing: a password alone needs MQTT version 5',
  'pin taken': 'is in use by another setting',
  unknown: 'is no setting',
  json: 'must be a JSON object of at most {max} bytes',
});

/** The problem in one line: `port: must be a whole number from 1 to 65535`. */
export function describe(problem: FieldProblem): string {
  const { field, code, min, max } = problem;
  const choices = code === 'choice' ? CHOICES[field].join(', ') : '';
  const words = WORDS[code]
    .replace('{min}', `${min}`)
    .replace('{max}', `${max}`)
    .replace('{choices}', choices);
  return field === '' ? words : `${field}: ${words}`;
}
