/**
 * Powers and points in BigInt, for the hosts and for engines that have nothing else. Not in constant
 * time: it only ever sees public numbers.
 */

import { CURVES } from '../../../firmware/network/tls/public-key.ts';
import type { Curve } from '../../../firmware/ports.ts';

/** A point in Jacobian coordinates; z = 0 is infinity. */
export interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
}

const INFINITY: Point = Object.freeze({ x: 1n, y: 1n, z: 0n });

/** SEC 2, 2.4.2 and 2.5.1. */
export const GENERATORS: Readonly<Record<Curve, Point>> = Object.freeze({
  'P-256': Object.freeze({
    x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
    z: 1n,
  }),
  'P-384': Object.freeze({
    x: 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
    y: 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
    z: 1n,
  }),
});

/** Four bits of the exponent at a time. */
export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  const digits = exponent.toString(16);
  const powers = [1n % modulus, base % modulus];
  if (exponent > 0xffffn) {
    for (let i = 2; i < 16; i += 1) powers.push((powers[i - 1] * powers[1]) % modulus);
  }
  let result = powers[0];
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number.parseInt(digits[at], 16);
    if (powers.length > 2) {
      for (let i = 0; i < 4; i += 1) result = (result * result) % modulus;
      if (digit > 0) result = (result * powers[digit]) % modulus;
    } else {
      for (let bit = 8; bit > 0; bit >>= 1) {
        result = (result * result) % modulus;
        if ((digit & bit) !== 0) result = (result * powers[1]) % modulus;
      }
    }
  }
  return result;
}

/** By Euclid: 1 / value modulo a number that has no divisor in common with it; 0 for 0. */
export function inverse(value: bigint, modulus: bigint): bigint {
  let [rest, next, a, b] = [modulus, value, 0n, 1n];
  while (next !== 0n) {
    const times = rest / next;
    [rest, next] = [next, rest - times * next];
    [a, b] = [b, a - times * b];
  }
  return a < 0n ? a + modulus : a;
}

/** a·G + b·(x, y), as x and y; both 0 at infinity. */
export function combine(curve: Curve, a: bigint, b: bigint, x: bigint, y: bigint): Point {
  const { field } = CURVES[curve];
  if (b === 0n) return affine(multiple(curve, a), field);
  const one = GENERATORS[curve];
  const other: Point = { x, y, z: 1n };
  const both = add(one, other, field);
  let sum = INFINITY;
  const bits = (a > b ? a : b).toString(2).length;
  for (let bit = BigInt(bits - 1); bit >= 0n; bit--) {
    sum = double(sum, field);
    const inA = ((a >> bit) & 1n) === 1n;
    const inB = ((b >> bit) & 1n) === 1n;
    if (inA || inB) sum = add(sum, inA ? (inB ? both : one) : other, field);
  }
  return affine(sum, field);
}

/** A curve's generator doubled 0, 1, 2 times and so on, as far as was asked for. */
const DOUBLES: Readonly<Record<Curve, Point[]>> = {
  'P-256': [GENERATORS['P-256']],
  'P-384': [GENERATORS['P-384']],
};

/** a·G: nothing is doubled that was doubled before. */
function multiple(curve: Curve, a: bigint): Point {
  const { field } = CURVES[curve];
  const doubles = DOUBLES[curve];
  const bits = a.toString(2);
  let sum = INFINITY;
  for (let place = 0; place < bits.length; place += 1) {
    if (place === doubles.length) doubles.push(double(doubles[place - 1], field));
    if (bits[bits.length - 1 - place] === '1') sum = add(sum, doubles[place], field);
  }
  return sum;
}

function affine({ x, y, z }: Point, field: bigint): Point {
  if (z === 0n) return { x: 0n, y: 0n, z: 0n };
  const shrink = inverse(z, field);
  const square = (shrink * shrink) % field;
  return { x: (x * square) % field, y: (((y * square) % field) * shrink) % field, z: 1n };
}

function mod(value: bigint, field: bigint): bigint {
  const rest = value % field;
  return rest < 0n ? rest + field : rest;
}

/** For curves with a = -3. */
function double({ x, y, z }: Point, field: bigint): Point {
  if (z === 0n || y === 0n) return INFINITY;
  const delta = (z * z) % field;
  const gamma = (y * y) % field;
  const beta = (x * gamma) % field;
  const alpha = (3n * (x - delta) * (x + delta)) % field;
  const x3 = mod(alpha * alpha - 8n * beta, field);
  const sum = y + z;
  return {
    x: x3,
    y: mod(alpha * (4n * beta - x3) - 8n * gamma * gamma, field),
    z: mod(sum * sum - gamma - delta, field),
  };
}

function add(p: Point, q: Point, field: bigint): Point {
  if (p.z === 0n) return q;
  if (q.z === 0n) return p;
  const pz = (p.z * p.z) % field;
  const qz = (q.z * q.z) % field;
  const u1 = (p.x * qz) % field;
  const u2 = (q.x * pz) % field;
  const s1 = (((p.y * q.z) % field) * qz) % field;
  const s2 = (((q.y * p.z) % field) * pz) % field;
  const h = mod(u2 - u1, field);
  const r = mod(s2 - s1, field);
  if (h === 0n) return r === 0n ? double(p, field) : INFINITY;
  const hh = (h * h) % field;
  const hhh = (h * hh) % field;
  const v = (u1 * hh) % field;
  const x = mod(r * r - hhh - 2n * v, field);
  return {
    x,
    y: mod(r * (v - x) - s1 * hhh, field),
    z: (((h * p.z) % field) * q.z) % field,
  };
}
