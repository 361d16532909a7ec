/** What the page's template is given, from the portal's model. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asciiBytes } from '../../../../firmware/base/ascii.ts';
import { CHECK_STAGES } from '../../../../firmware/provisioning/model.ts';
import {
  type PageMode,
  type PageNotice,
  PageView,
} from '../../../../firmware/provisioning/page/page.ts';
import { type Scope, Table, utf8Bytes } from '../../../../firmware/provisioning/page/template.ts';
import { FakePortal, network } from '../../../support/fake-portal.ts';

const WORDS = new Table(asciiBytes('cause panic=It fell over\nhint ssid=As your router has it\n'));
const PROBLEM = { field: 'ssid', problem: 'missing' } as unknown as FakePortal['problems'][number];

function viewOf(
  set: (portal: FakePortal) => void,
  mode: PageMode = 'form',
  notice: PageNotice = '',
): PageView {
  const portal = new FakePortal();
  set(portal);
  return new PageView(portal, WORDS, mode, notice);
}

const rootOf = (...given: Parameters<typeof viewOf>) => viewOf(...given).root;
const listOf = (set: (portal: FakePortal) => void) => rootOf(set).network as Scope[];
const failed = (portal: FakePortal) => {
  portal.check = { state: 'failed', stage: 'resolve', failure: 'name not found' };
};

test('a network has one to four bars: from -78, from -67 and from -55 dBm on one more', () => {
  for (const [rssi, level] of [
    [-100, 1],
    [-79, 1],
    [-78, 2],
    [-68, 2],
    [-67, 3],
    [-56, 3],
    [-55, 4],
    [-20, 4],
  ]) {
    const list = listOf((portal) => {
      portal.networks = [network('home', rssi, false)];
    });
    assert.deepEqual([list[0].level, list[0].secure], [level, false], `${rssi} dBm`);
  }
});

test('the network that was chosen is marked in the list, in its place', () => {
  const list = listOf((portal) => {
    portal.networks = [network('a'), network('Zürich'), network('c')];
    portal.set('ssid', 'Zürich');
  });
  assert.deepEqual(
    list.map(({ chosen, hex }) => [chosen, hex]),
    [
      [false, '61'],
      [true, '5ac3bc72696368'],
      [false, '63'],
    ],
  );
});

test('a chosen name that is not on the list is typed, unless it cannot be typed: then it leads the list', () => {
  const typed = ['home', '', 'Zürich', '\u{1f600}', ' ~'].map(utf8Bytes);
  for (const ssid of typed) {
    const root = rootOf((portal) => portal.set('ssid', ssid));
    assert.deepEqual(root.ssid, ssid);
    assert.equal((root.network as Scope[]).length, 4);
  }
  for (const ssid of [[0x61, 0], [0x1f], [0x7f], [0xff], [0xc3], [0x61, 9, 0x62]]) {
    const bytes = Uint8Array.from(ssid);
    const root = rootOf((portal) => portal.set('ssid', bytes));
    const hex = ssid.map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const [first, ...others] = root.network as Scope[];
    assert.deepEqual(first, { network: bytes, hex, chosen: true, secure: true }, `${ssid}`);
    assert.equal(others.length, 4);
    assert.equal(root.ssid, undefined);
  }
});

test('one that cannot be typed and is on the list is there once', () => {
  const odd = Uint8Array.of(1, 2);
  const list = listOf((portal) => {
    portal.networks = [network('a'), network(odd)];
    portal.set('ssid', odd);
  });
  assert.deepEqual(
    list.map(({ chosen }) => chosen),
    [false, true],
  );
});

test('a name of 33 bytes is told from one that begins with its 32', () => {
  const list = listOf((portal) => {
    portal.networks = [network('x'.repeat(32))];
    portal.set('ssid', 'x'.repeat(33));
  });
  assert.equal(list[0].chosen, false);
  assert.equal((list[0].hex as string).length, 64);
});

test('a check passes its stages: done, under way, still to come; and where it failed', () => {
  for (const [at, stage] of CHECK_STAGES.entries()) {
    for (const mode of ['running', 'form'] as const) {
      const root = rootOf((portal) => {
        portal.check = { state: 'running', stage, failure: 'timed out' };
      }, mode);
      const expected = CHECK_STAGES.map((each, i) => ({
        stage: each,
        mark: i < at ? 'done' : i > at ? '' : mode === 'running' ? 'now' : 'bad',
        stopped: mode === 'form' && i === at,
      }));
      assert.deepEqual(root.stage, expected);
    }
  }
});

test('a failure is shown until a form with problems comes, and each of both is a result', () => {
  const flags = ({ failed, wrong, result }: Scope) => [failed, wrong, result];
  assert.deepEqual(flags(rootOf(() => {})), [false, false, false]);
  assert.deepEqual(flags(rootOf(failed)), [true, false, true]);
  assert.deepEqual(flags(rootOf(() => {}, 'form', 'slow')), [false, false, true]);
  const withProblem = (portal: FakePortal) => {
    failed(portal);
    portal.problems = [PROBLEM];
  };
  assert.deepEqual(flags(rootOf(withProblem)), [false, true, true]);
  const saved = rootOf((portal) => {
    portal.check = { state: 'saved', stage: 'save', failure: 'timed out' };
  });
  assert.deepEqual(flags(saved), [false, false, false]);
  assert.equal(rootOf(failed).failure, 'name not found');
});

test('mode and notice are conditions of their own', () => {
  const root = rootOf(() => {}, 'done', 'stale');
  assert.deepEqual(
    [root.done, root.form, root.stale, root.slow, root.notice],
    [true, undefined, true, undefined, 'stale'],
  );
  assert.deepEqual(root.title, utf8Bytes('Mote-3F2A'));
});

test('findings are shown where a check has been; none at all is a finding, too', () => {
  const found = (findings: FakePortal['findings']) => {
    const root = rootOf((portal) => {
      portal.findings = findings;
    });
    return [root.found, root.bare];
  };
  assert.deepEqual(found(undefined), [undefined, false]);
  assert.deepEqual(found([]), [[], true]);
  const fact = '21.5 °C';
  assert.deepEqual(found([{ sensor: 'bme280', fact }]), [
    [{ sensor: 'bme280', fact: utf8Bytes(fact) }],
    false,
  ]);
});

test('the cause of a reset is told where there are words for it, and of nothing else', () => {
  const info = rootOf((portal) => {
    portal.information.splice(0, 9, ['reset', 'panic'], ['reset', 'software'], ['id', 'panic']);
  }).info as Scope[];
  assert.deepEqual(
    info.map(({ info, cause }) => [info, cause]),
    [
      ['reset', 'panic'],
      ['reset', ''],
      ['id', ''],
    ],
  );
});

test('a field has its value, its problem and its hint; a note stands under it for either', () => {
  const view = viewOf((portal) => {
    portal.problems = [PROBLEM];
    portal.set('ssid', 'x');
    portal.set('host', 'h');
    portal.secrets.add('password');
  });
  const { value, kept, hint, note, problem } = view.field('ssid');
  assert.deepEqual(
    [value, kept, hint, note, problem],
    [utf8Bytes('x'), false, true, true, 'missing'],
  );
  const host = view.field('host');
  assert.deepEqual(
    [host.field, host.hint, host.note, host.problem],
    ['host', false, undefined, undefined],
  );
  assert.deepEqual(
    [view.field('password').kept, (view.field('password').value as Uint8Array).length],
    [true, 0],
  );
});

test('a condition compares a field with a value, or asks whether one of several has a problem', () => {
  const view = viewOf((portal) => {
    portal.problems = [PROBLEM];
    portal.set('version', 'auto');
  });
  assert.equal(view.test('is version auto'), true);
  for (const other of ['aut', 'autos', 'autp', '']) {
    assert.equal(view.test(`is version ${other}`), false, other);
  }
  assert.equal(view.test('in host ssid'), true);
  assert.equal(view.test('in ssid'), true);
  assert.equal(view.test('in host port'), false);
});
