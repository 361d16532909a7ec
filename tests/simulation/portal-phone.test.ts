/** Phones at a portal: how they get on, what they are thrown off by, and what they cannot do. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PhoneResponse, VirtualPhone } from '../../host-sim/virtual/phone.ts';
import { PortalWorld, type PortalWorldOptions } from '../support/portal-world.ts';

const HOME = Object.freeze({ ssid: 'home', wifiPassword: 'secret 1' });
const MINUTE = 60_000;

function setUp(options?: PortalWorldOptions) {
  const world = new PortalWorld(options).open();
  const { radio, inside, datagrams } = world;
  let phones = 1;
  const phone = () => {
    phones += 1;
    return new VirtualPhone({ radio, inside, air: datagrams }, `192.168.4.${phones}`);
  };
  const on = () => {
    const joined = phone();
    joined.join(world.portal.title, world.portal.password);
    world.until(() => joined.isOn);
    return joined;
  };
  const get = (by: VirtualPhone, path = '/'): PhoneResponse | undefined => {
    let answer: { response: PhoneResponse | undefined } | undefined;
    by.request({ path }, (response) => {
      answer = { response };
    });
    world.until(() => answer !== undefined);
    return answer?.response;
  };
  return { world, phone, on, get };
}

test('a phone gets on with the password of the label, and with no other', () => {
  const { world, phone, on } = setUp();
  const stranger = phone();
  stranger.join(world.portal.title, 'mote-mote1');
  world.run(5000);
  assert.equal(stranger.refusal, 'refused');
  on();
  world.run(10);
  assert.equal(world.portal.phones, 1);
});

test('every name leads to the board, and its page is there', () => {
  const { world, on, get } = setUp();
  const phone = on();
  let address: string | undefined;
  phone.lookUp('captive.apple.com', (found) => {
    address = found;
  });
  world.run(100);
  assert.equal(address, '192.168.4.1');
  const page = get(phone);
  assert.equal(page?.status, 200);
  assert.equal(page?.body, 'here');
});

test('a check on another channel throws the phone off; it comes back to the result', () => {
  const { world, on, get } = setUp();
  const phone = on();
  world.submit(HOME).run(100);
  assert.equal(phone.falls, 1);
  assert.equal(get(phone), undefined, 'it is off');
  world.result('wifi password', 'join').run(10_000);
  assert.ok(phone.isOn);
  assert.equal(get(phone)?.status, 200);
  assert.equal(world.portal.check.failure, 'wifi password');
});

test('a check on the same channel throws nobody off', () => {
  const air = [{ ssid: 'home', password: 'secret 1', channel: 6 }];
  const { world, on } = setUp({ air });
  const phone = on();
  world.submit(HOME).result(undefined).run(1000);
  assert.equal(phone.falls, 0);
});

test('a phone that fell off in the middle of a page leaves nothing behind that holds others up', () => {
  const { world, on, get } = setUp();
  const falling = on();
  falling.comesBack = false;
  falling.link.change({ latencyMsMin: 50, latencyMsMax: 50 });
  for (let i = 0; i < 12; i += 1) falling.request({ path: '/' }, () => {});
  world.run(120);
  falling.leave();
  const other = on();
  const from = world.queue.now;
  assert.equal(get(other)?.status, 200);
  assert.ok(world.queue.now - from < 4000, `${world.queue.now - from}`);
});

test('held connections and a flood of them delay neither the end of a check nor that of the portal', () => {
  const { world, on } = setUp({ saved: HOME });
  const hostile = on();
  const target = { host: '', address: '192.168.4.1', port: 80, path: '' };
  const bytes = Uint8Array.from('GET / HTTP/1.1\r\nHost: ', (c) => c.charCodeAt(0));
  const flood = () => {
    const transport = hostile.link.connect(target, {
      opened: () => void transport.write(bytes, 0, bytes.length),
      readable() {},
      writable() {},
      closed() {},
    });
    if (world.end === undefined) world.queue.after(200, flood);
  };
  flood();
  const from = world.queue.now;
  world.run(9 * MINUTE).submit(HOME);
  world.result('timed out').until(() => world.end !== undefined);
  assert.equal(world.end, 'idle');
  assert.ok(world.endedAt - from < 20 * MINUTE);
});

test('a phone in a pocket, which only asks whether it is online, does not keep the portal open', () => {
  const { world, on, get } = setUp({ saved: HOME });
  const pocket = on();
  const from = world.queue.now;
  while (world.end === undefined && world.queue.now - from < 30 * MINUTE) {
    get(pocket, '/generate_204');
    world.run(MINUTE / 2);
  }
  assert.equal(world.end, 'idle');
  assert.ok(world.endedAt - from < 11 * MINUTE);
});
