import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Bme280Chip } from '../../../../host-sim/chips/bme280-chip.ts';
import { type Weather, weather } from '../../../../host-sim/chips/curves.ts';

const HOUR_MS = 3_600_000;

/** The chip in virtual time, long after its power-up. */
function bench(air: Weather = weather(1)) {
  const time = { now: 0 };
  const chip = new Bme280Chip(air, () => time.now);
  time.now = 10;
  const bytes = (register: number, count: number) => {
    const into = new Uint8Array(count);
    chip.readBuffer(register, into);
    return [...into];
  };
  return { chip, time, bytes };
}

describe('the simulated BME280', () => {
  test('has blank coefficients until it has copied them, and says so in its status', () => {
    const { chip, time, bytes } = bench();
    chip.writeUint8(0xe0, 0xb6);
    assert.equal(chip.readUint8(0xf3), 1);
    assert.deepEqual(bytes(0x88, 2), [0, 0]);
    time.now += 2;
    assert.equal(chip.readUint8(0xf3), 0);
    assert.notDeepEqual(bytes(0x88, 2), [0, 0]);
  });

  test('resets only for the reset word, and forgets its settings', () => {
    const { chip } = bench();
    chip.writeUint8(0xf2, 5);
    chip.writeUint8(0xe0, 0xb7);
    assert.equal(chip.readUint8(0xf2), 5);
    chip.writeUint8(0xe0, 0xb6);
    assert.equal(chip.readUint8(0xf2), 0);
    assert.equal(chip.readUint8(0xe0), 0);
  });

  test('takes the humidity setting over only with a write to ctrl_meas', () => {
    const { chip, time, bytes } = bench();
    chip.writeUint8(0xf4, 0x25);
    chip.writeUint8(0xf2, 1);
    time.now += 100;
    assert.deepEqual(bytes(0xfd, 2), [0x80, 0]);
    chip.writeUint8(0xf4, 0x25);
    time.now += 100;
    assert.notDeepEqual(bytes(0xfd, 2), [0x80, 0]);
  });

  test('measures once in forced mode and sleeps again, keeping its data', () => {
    const { chip, time, bytes } = bench();
    chip.writeUint8(0xf2, 1);
    chip.writeUint8(0xf4, 0x25);
    assert.equal(chip.readUint8(0xf3), 8);
    assert.equal(chip.readUint8(0xf4), 0x25);
    time.now += 9.2;
    assert.equal(chip.readUint8(0xf3), 8);
    assert.deepEqual(bytes(0xf7, 8), [0x80, 0, 0, 0x80, 0, 0, 0x80, 0]);
    time.now += 0.2;
    assert.equal(chip.readUint8(0xf3), 0);
    assert.equal(chip.readUint8(0xf4), 0x24);
    const data = bytes(0xf7, 8);
    assert.notDeepEqual(data.slice(3, 5), [0x80, 0]);
    time.now += 5 * HOUR_MS;
    assert.deepEqual(bytes(0xf7, 8), data);
  });

  test('shows as many bits as the oversampling gives', () => {
    const { chip, time, bytes } = bench();
    for (const [setting, mask] of [
      [0x25, 0xf0],
      [0x49, 0x70],
      [0xb5, 0x00],
    ]) {
      let seen = 0;
      for (let i = 0; i < 40; i += 1) {
        chip.writeUint8(0xf4, setting);
        time.now += HOUR_MS;
        seen |= bytes(0xfc, 1)[0];
      }
      assert.equal(seen & mask, 0);
      if (mask < 0xf0) assert.notEqual(seen, 0);
    }
  });

  test('takes a write of several bytes as pairs of register and value', () => {
    const { chip } = bench();
    chip.writeBuffer(0xf2, Uint8Array.from([3, 0xf5, 0xa0]));
    assert.equal(chip.readUint8(0xf2), 3);
    assert.equal(chip.readUint8(0xf5), 0xa0);
    assert.equal(chip.readUint8(0xf3), 0);
  });

  test('ignores writes to what can only be read', () => {
    const { chip } = bench();
    chip.writeUint8(0xd0, 1);
    chip.writeUint8(0xf7, 1);
    chip.writeUint8(0x88, 1);
    assert.equal(chip.readUint8(0xd0), 0x60);
    assert.equal(chip.readUint8(0xf7), 0x80);
    assert.equal(chip.readUint8(0x88), 27504 & 0xff);
  });

  test('refuses normal mode in words', () => {
    assert.throws(() => bench().chip.writeUint8(0xf4, 0x27), /no normal mode/);
  });
});

describe('the simulated weather', () => {
  test('is the same for the same seed at the same time, in whatever order it is asked', () => {
    const times = [0, 17 * HOUR_MS, 3, 400 * HOUR_MS];
    const one = weather(7);
    const two = weather(7);
    const forward = times.map((ms) => one.temperature(ms));
    const backward = [...times].reverse().map((ms) => two.temperature(ms));
    assert.deepEqual(forward, backward.reverse());
    assert.notEqual(weather(8).temperature(0), one.temperature(0));
  });

  test('stays within what a room can have, for a year and many seeds', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const { temperature, humidity, pressure } = weather(seed);
      for (let ms = 0; ms < 365 * 24 * HOUR_MS; ms += 7.3 * HOUR_MS) {
        assert.ok(Math.abs(temperature(ms) - 21) <= 4.71);
        assert.ok(humidity(ms) >= 3 && humidity(ms) <= 99);
        assert.ok(Math.abs(pressure(ms) - 1009) <= 14.81);
      }
    }
  });

  test('changes smoothly: never by 0.1 °C, 0.2 % or 0.1 hPa within half a minute', () => {
    const { temperature, humidity, pressure } = weather(3);
    for (let ms = 0; ms < 48 * HOUR_MS; ms += 30_000) {
      assert.ok(Math.abs(temperature(ms + 30_000) - temperature(ms)) < 0.1);
      assert.ok(Math.abs(humidity(ms + 30_000) - humidity(ms)) < 0.2);
      assert.ok(Math.abs(pressure(ms + 30_000) - pressure(ms)) < 0.1);
    }
  });

  test('is warmer in the afternoon than before dawn', () => {
    const { temperature } = weather(5, { temperatureMean: 10, temperatureSwing: 6 });
    for (let day = 0; day < 30; day += 1) {
      const midnight = day * 24 * HOUR_MS;
      assert.ok(temperature(midnight + 15 * HOUR_MS) > temperature(midnight + 3 * HOUR_MS) + 5);
    }
  });
});
