/** What operating systems ask for, as a table: before, and once set-up is over. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Routes } from '../../../../firmware/provisioning/portal/routes.ts';
import { readPageResources } from '../../../../host-sim/live/resources.ts';
import { ask, HOST } from '../../../support/ask.ts';
import { FakePortal } from '../../../support/fake-portal.ts';

const APPLE = '<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>';
const LEAD = `http://${HOST}/`;

/** During set-up 302, 200 (a page that goes to the portal) or 404; afterwards status and body. */
const table: readonly (readonly [string, string, number, number, string])[] = [
  ['captive.apple.com', '/hotspot-detect.html', 302, 200, APPLE],
  ['www.apple.com', '/library/test/success.html', 302, 200, APPLE],
  ['connectivitycheck.gstatic.com', '/generate_204', 302, 204, ''],
  ['clients3.google.com', '/gen_204', 302, 204, ''],
  ['connectivity.samsung.com', '/mobile/status.php', 200, 204, ''],
  ['www.msftconnecttest.com', '/connecttest.txt', 302, 200, 'Microsoft Connect Test'],
  ['www.msftconnecttest.com', '/redirect', 302, 302, `<a href="${LEAD}">Mote</a>`],
  ['www.msftncsi.com', '/ncsi.txt', 302, 200, 'Microsoft NCSI'],
  ['wpad', '/wpad.dat', 404, 404, 'Error 404\n'],
  ['detectportal.firefox.com', '/success.txt', 302, 200, 'success\n'],
  [
    'detectportal.firefox.com',
    '/canonical.html',
    302,
    200,
    '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>',
  ],
  [
    'spectrum.s3.amazonaws.com',
    '/kindle-wifi/wifiredirect.html',
    200,
    200,
    `<meta http-equiv="refresh" content="0;url=${LEAD}">`,
  ],
  ['www.example.com', '/favicon.ico', 404, 404, 'Error 404\n'],
  ['www.example.com', '/', 302, 302, `<a href="${LEAD}">Mote</a>`],
  ['www.example.com:8080', '/some/page', 302, 302, `<a href="${LEAD}">Mote</a>`],
];

for (const [host, path, setUp, status, body] of table) {
  test(`${host}${path}: ${setUp} during set-up, ${status} afterwards`, () => {
    const portal = new FakePortal();
    const routes = new Routes(portal, readPageResources(), [HOST]);
    // HTTP/1.0 clients may name no host, and some ask the portal itself.
    const hosts = path === '/' || path === '/some/page' ? [host] : [host, '', HOST];
    for (const asked of hosts) {
      const during = ask(routes, { path, host: asked });
      assert.equal(during.status, setUp);
      assert.equal(during.location, setUp === 302 ? LEAD : '');
      assert.ok(during.body.length > 0, 'some systems mistrust an answer without a body');
      assert.ok(!/success/i.test(during.body));
      if (setUp === 200) assert.ok(during.body.includes(`url=${LEAD}"`));
      assert.equal(during.contentSecurityPolicy, "default-src 'none'");
    }
    portal.check = { state: 'saved', stage: 'save', failure: 'timed out' };
    assert.equal(ask(routes, { path, host }).status, setUp, 'the page of success comes first');
    ask(routes, { path: '/done' });
    const after = ask(routes, { path, host });
    assert.deepEqual([after.status, after.body], [status, body]);
    assert.equal(ask(routes, { method: 'HEAD', path, host }).status, status);
  });
}

test('a POST to a probe, or to any other host, is refused', () => {
  const portal = new FakePortal();
  const routes = new Routes(portal, readPageResources(), [HOST]);
  const form = { token: portal.token };
  for (const [host, path] of table) {
    assert.equal(ask(routes, { method: 'POST', path, host, form }).status, 403);
  }
});
