/**
 * HTTP requests as they arrive, and what becomes of each: the status that refuses it, or the request
 * as the routes see it. In `text`, `|` stands for CRLF; other escapes are JavaScript's.
 */

export interface HttpVector {
  readonly title: string;
  readonly text: string;
  readonly becomes: string;
}

const HOST = '|Host: a.b|';
const FORM = `${HOST}Content-Type: application/x-www-form-urlencoded|`;
const post = (fields: string, more = '') =>
  `POST /save HTTP/1.1${FORM}${more}Content-Length: ${fields.length}||${fields}`;

function vector(title: string, text: string, becomes: string): HttpVector {
  return { title, text: text.replace(/\|/g, '\r\n'), becomes };
}

export const HTTP_VECTORS: readonly HttpVector[] = [
  vector('a plain GET', `GET / HTTP/1.1${HOST}|`, 'GET / host=a.b'),
  vector(
    'HTTP/1.0 without a Host',
    'GET /hotspot-detect.html HTTP/1.0||',
    'GET /hotspot-detect.html',
  ),
  vector('HTTP/1.0 with a Host', `GET / HTTP/1.0${HOST}|`, 'GET / host=a.b'),
  vector('a later 1.x', `GET / HTTP/1.2${HOST}|`, 'GET / host=a.b'),
  vector('an empty line before the request', `|GET / HTTP/1.1${HOST}|`, 'GET / host=a.b'),
  vector(
    'a query, as it was sent',
    `GET /a?b=%20&c?d HTTP/1.1${HOST}|`,
    'GET /a query=b=%20&c?d host=a.b',
  ),
  vector('a path in escapes', `GET /%64one%2f+%C3%A9 HTTP/1.1${HOST}|`, 'GET /done/+é host=a.b'),
  vector(
    'an absolute target goes before Host',
    `GET HTTP://Captive.Apple.com/x?y HTTP/1.1${HOST}|`,
    'GET /x query=y host=captive.apple.com',
  ),
  vector(
    'an absolute target without a path',
    `GET http://a.b:8080 HTTP/1.1${HOST}|`,
    'GET / host=a.b:8080',
  ),
  vector(
    'an absolute target with only a query',
    `GET http://c?q HTTP/1.1${HOST}|`,
    'GET / query=q host=c',
  ),
  vector(
    'header names in any case, blanks around values',
    'GET / HTTP/1.1|hOST:\t Mote.Local:80 \t|ORIGIN:http://x|accept-LANGUAGE: de, en;q=0.5|X: y||',
    'GET / host=mote.local origin=http://x language=de, en;q=0.5',
  ),
  vector('an empty Host', 'GET / HTTP/1.1|Host:||', 'GET /'),
  vector(
    'a long header that nobody reads',
    `GET / HTTP/1.1|Cookie: ${'c'.repeat(2000)}${HOST}|`,
    'GET / host=a.b',
  ),
  vector(
    'a header name that is longer than any kept',
    `GET / HTTP/1.1|${'n'.repeat(40)}: 1${HOST}|`,
    'GET / host=a.b',
  ),
  vector('HEAD has no body', `HEAD / HTTP/1.1${HOST}|`, ''),
  vector('a GET with a body', `GET / HTTP/1.1${HOST}Content-Length: 3||abc`, 'GET / host=a.b'),

  vector('a form', post('a=1&b=2'), 'POST /save host=a.b a:1 b:2'),
  vector('an empty form', post(''), 'POST /save host=a.b'),
  vector(
    'any byte in a form',
    post('ssid=%00%ff%F0%9f%98%80&p=+%2B%26%3D%25'),
    'POST /save host=a.b ssid:<0><ff><f0><9f><98><80> p:<20>+&=%',
  ),
  vector(
    'names without values, empty pieces, and an = in a value',
    post('&&a&b=&c=d=e&'),
    'POST /save host=a.b a: b: c:d=e',
  ),
  vector('of two fields with one name the last', post('a=0&a=1'), 'POST /save host=a.b a:1'),
  vector(
    'a charset behind the type',
    `POST / HTTP/1.1|Host: a.b|Content-Type: Application/X-WWW-Form-Urlencoded; charset=UTF-8|Content-Length: 3||a=b`,
    'POST / host=a.b a:b',
  ),
  vector('one Content-Length twice', post('a=b', 'Content-Length: 3|'), 'POST /save host=a.b a:b'),
  vector('an escape that is cut off', post('a=%4'), '400'),
  vector('an escape with a letter that is no digit', post('a=%4g'), '400'),
  vector('an escape of a sign', post('a=%+1'), '400'),
  vector('an escape across two fields', post('a=%4&1=b'), '400'),
  vector('a name that is too long', post(`${'n'.repeat(33)}=1`), '400'),
  vector('too many fields', post('a&'.repeat(65)), '400'),
  vector('as many fields as there may be', post('a&'.repeat(64)), 'POST /save host=a.b a:'),

  vector('a TLS greeting', '\x16\x03\x01\x02\x00', '400'),
  vector('an old request without a version', 'GET /|', '400'),
  vector('two blanks', `GET  / HTTP/1.1${HOST}|`, '400'),
  vector('a blank before the version too many', `GET /  HTTP/1.1${HOST}|`, '400'),
  vector('a blank before the method', ` GET / HTTP/1.1${HOST}|`, '400'),
  vector('a tab instead of a blank', `GET\t/ HTTP/1.1${HOST}|`, '400'),
  vector('a NUL in the target', `GET /\0 HTTP/1.1${HOST}|`, '400'),
  vector('a NUL in escapes', `GET /%00 HTTP/1.1${HOST}|`, '400'),
  vector('a path with a broken escape', `GET /%zz HTTP/1.1${HOST}|`, '400'),
  vector('a target beyond ASCII', `GET /é HTTP/1.1${HOST}|`, '400'),
  vector('a relative target', `GET x HTTP/1.1${HOST}|`, '400'),
  vector('another scheme', `GET https://a.b/ HTTP/1.1${HOST}|`, '400'),
  vector('a protocol in lower case', `GET / http/1.1${HOST}|`, '400'),
  vector('another protocol', `GET / ICY/1.1${HOST}|`, '400'),
  vector('HTTP/2', 'PRI * HTTP/2.0||', '505'),
  vector('HTTP/0.9 by name', `GET / HTTP/0.9${HOST}|`, '505'),
  vector('no Host in HTTP/1.1', 'GET / HTTP/1.1||', '400'),
  vector('no Host but an absolute target', 'GET http://a/ HTTP/1.1||', '400'),
  vector('two Hosts', `GET / HTTP/1.1${HOST}Host: a.b||`, '400'),
  vector('two Origins that differ', `GET / HTTP/1.1${HOST}Origin: x|Origin: y||`, '400'),
  vector('a line with LF alone', 'GET / HTTP/1.1\nHost: a.b\n\n', '400'),
  vector('a CR alone', 'GET / HTTP/1.1\rHost: a.b||', '400'),
  vector('a CR in a value', `GET / HTTP/1.1|X: a\rb${HOST}|`, '400'),
  vector('two CRs', 'GET / HTTP/1.1\r\r\n', '400'),
  vector('a NUL in a value', `GET / HTTP/1.1|X: \0${HOST}|`, '400'),
  vector('a folded header', `GET / HTTP/1.1|X: a| b${HOST}|`, '400'),
  vector('a folded first header', `GET / HTTP/1.1| X: a${HOST}|`, '400'),
  vector('a blank before the colon', `GET / HTTP/1.1|Host : a.b||`, '400'),
  vector('a header without a colon', `GET / HTTP/1.1|Host${HOST}|`, '400'),
  vector('a header without a name', `GET / HTTP/1.1|: a${HOST}|`, '400'),

  vector('OPTIONS', `OPTIONS * HTTP/1.1${HOST}|`, '405'),
  vector('PUT', `PUT / HTTP/1.1${HOST}Content-Length: 2||ab`, '405'),
  vector('DELETE', `DELETE / HTTP/1.1${HOST}|`, '405'),
  vector('CONNECT', `CONNECT a.b:443 HTTP/1.1${HOST}|`, '405'),
  vector('a method that nobody knows', `BREW / HTTP/1.1${HOST}|`, '501'),
  vector('a method in lower case', `get / HTTP/1.1${HOST}|`, '501'),

  vector(
    'Content-Length and Transfer-Encoding',
    `POST / HTTP/1.1${FORM}Content-Length: 3|Transfer-Encoding: chunked||0||`,
    '400',
  ),
  vector(
    'Transfer-Encoding and Content-Length on a GET',
    `GET / HTTP/1.1${HOST}Transfer-Encoding: chunked|Content-Length: 3||`,
    '400',
  ),
  vector('a chunked form', `POST / HTTP/1.1${FORM}Transfer-Encoding: Chunked||3|a=b|0||`, '411'),
  vector('another coding', `POST / HTTP/1.1${FORM}Transfer-Encoding: gzip||`, '501'),
  vector('an empty coding', `POST / HTTP/1.1${FORM}Transfer-Encoding:||`, '501'),
  vector('a coding in HTTP/1.0', `POST / HTTP/1.0${FORM}Transfer-Encoding: chunked||`, '400'),
  vector('two lengths', post('abc', 'Content-Length: 4|'), '400'),
  vector('a list of lengths', `POST / HTTP/1.1${FORM}Content-Length: 3, 3||abc`, '400'),
  vector('a length with a sign', `POST / HTTP/1.1${FORM}Content-Length: +3||abc`, '400'),
  vector('a length below zero', `POST / HTTP/1.1${FORM}Content-Length: -1||`, '400'),
  vector('a length in hex', `POST / HTTP/1.1${FORM}Content-Length: 0x3||abc`, '400'),
  vector('an empty length', `POST / HTTP/1.1${FORM}Content-Length:||`, '400'),
  vector('a form without a length', `POST / HTTP/1.1${FORM}|`, '411'),
  vector('a form of more than 12 KB', `POST / HTTP/1.1${FORM}Content-Length: 12289||`, '413'),
  vector(
    'a length of thirty digits',
    `POST / HTTP/1.1${FORM}Content-Length: ${'9'.repeat(30)}||`,
    '413',
  ),
  vector(
    'JSON',
    `POST / HTTP/1.1${HOST}Content-Type: application/json|Content-Length: 2||{}`,
    '415',
  ),
  vector('a form of no type', `POST / HTTP/1.1${HOST}Content-Length: 3||a=b`, '415'),
  vector('Expect: 100-continue', post('a=b', 'Expect: 100-Continue|'), 'POST /save host=a.b a:b'),
  vector('another expectation', post('a=b', 'Expect: 200-ok|'), '417'),

  vector(
    'a request line of more than 1 KB, as of a page that a phone had open',
    `GET /${'a'.repeat(1100)}?${'q'.repeat(1000)} HTTP/1.1${HOST}|`,
    'GET /… host=a.b',
  ),
  vector('a long request line that ends in no version', `GET /${'a'.repeat(1100)}${HOST}|`, '400'),
  vector(
    'a form to a target of more than 1 KB',
    `POST /${'a'.repeat(1100)} HTTP/1.1${FORM}Content-Length: 3||a=b`,
    '414',
  ),
  vector('the usual port, said', 'GET / HTTP/1.1|Host: 192.168.4.1:80||', 'GET / host=192.168.4.1'),
  vector('a kept header of more than 1 KB', `GET / HTTP/1.1|Host: ${'a'.repeat(1100)}||`, '431'),
  vector('a header name of more than 1 KB', `GET / HTTP/1.1|${'a'.repeat(1100)}: b${HOST}|`, '431'),
  vector(
    'a head of more than 4 KB',
    `GET / HTTP/1.1${HOST}${`X: ${'y'.repeat(95)}|`.repeat(41)}|`,
    '431',
  ),
  vector('a head without an end', `GET / HTTP/1.1${HOST}X: ${'y'.repeat(5000)}`, '431'),
  vector('a head that stops', `GET / HTTP/1.1${HOST}`, 'nothing'),
  vector('a form that stops', `POST / HTTP/1.1${FORM}Content-Length: 4||a=b`, 'nothing'),
];
