/**
 * What operating systems ask for to find out whether a network leads to the Internet, and what
 * they are answered. While the set-up lasts the answers say that it does not, so that they show
 * the portal; once it is over they get what they would get from the Internet, and let go.
 */

/** During set-up: led to the portal by a 302, by a page with status 200 that goes there, or 404. */
export type SetUpAnswer = 'redirect' | 'refresh' | 'not found';

export interface Probe {
  readonly setUp: SetUpAnswer;
  /** The status once set-up is over; 0: as before. */
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const HTML = 'text/html';
const TEXT = 'text/plain';
const APPLE = '<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>';
const MOZILLA =
  '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>';

/** @returns undefined for a path that is no probe. */
export function probeOf(path: string): Probe | undefined {
  switch (path) {
    case '/hotspot-detect.html':
    case '/library/test/success.html':
      return probe('redirect', 200, HTML, APPLE);
    case '/generate_204':
    case '/gen_204':
      return probe('redirect', 204, '', '');
    case '/mobile/status.php':
      return probe('refresh', 204, '', '');
    case '/kindle-wifi/wifiredirect.html':
      return probe('refresh', 0, '', '');
    case '/connecttest.txt':
      return probe('redirect', 200, TEXT, 'Microsoft Connect Test');
    case '/ncsi.txt':
      return probe('redirect', 200, TEXT, 'Microsoft NCSI');
    case '/redirect':
      return probe('redirect', 0, '', '');
    case '/success.txt':
      return probe('redirect', 200, TEXT, 'success\n');
    case '/canonical.html':
      return probe('redirect', 200, HTML, MOZILLA);
    case '/wpad.dat':
    case '/favicon.ico':
      return probe('not found', 0, '', '');
    default:
      return undefined;
  }
}

function probe(setUp: SetUpAnswer, status: number, contentType: string, body: string): Probe {
  return { setUp, status, contentType, body };
}
