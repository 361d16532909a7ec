import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Station } from '../../../firmware/wifi/station.ts';

const HOME = { bssid: Uint8Array.of(1, 2, 3, 4, 5, 6), channel: 6 };

function joined(): Station {
  const station = new Station();
  station.join();
  station.associated(0);
  assert.equal(station.addressed(HOME), 'joined');
  return station;
}

test('a station that knows no access point asks for any of the name', () => {
  const station = new Station();
  assert.equal(station.join(), 'connect');
  assert.equal(station.wanted, undefined);
});

test('it is joined once it has an address, and says so once', () => {
  const station = new Station();
  station.join();
  station.associated(0);
  assert.equal(station.isJoined, false);
  assert.equal(station.addressed(HOME), 'joined');
  assert.equal(station.addressed(HOME), undefined);
  assert.equal(station.isJoined, true);
});

test('the next time it asks for the access point that it knows', () => {
  const station = joined();
  station.leave();
  assert.equal(station.join(), 'connect');
  assert.deepEqual(station.wanted, HOME);
});

test('where the known access point does not answer, it asks for any, and then gives up', () => {
  const station = joined();
  assert.equal(station.dissociated(false), 'lost');
  station.join();
  assert.equal(station.dissociated(false), 'connect');
  assert.equal(station.wanted, undefined);
  assert.equal(station.dissociated(false), 'not found');
});

test('a refused password ends it at once', () => {
  const station = new Station(HOME);
  station.join();
  assert.equal(station.dissociated(true), 'password refused');
});

test('a network that gives no address is told apart from one that is not there', () => {
  const station = new Station();
  station.join();
  assert.equal(station.deadline(), Number.POSITIVE_INFINITY);
  station.associated(1000);
  assert.equal(station.wake(station.deadline() - 1), undefined);
  assert.equal(station.wake(station.deadline()), 'no address');
  assert.equal(station.deadline(), Number.POSITIVE_INFINITY);
});

test('a name that the radio cannot ask for is not found', () => {
  const station = new Station();
  station.join();
  assert.equal(station.wake(station.refuse(5)), 'not found');
});

test('nothing that the radio says counts after it was left', () => {
  const station = joined();
  station.leave();
  assert.equal(station.dissociated(false), undefined);
  assert.equal(station.addressed(HOME), undefined);
  station.associated(0);
  assert.equal(station.deadline(), Number.POSITIVE_INFINITY);
});
