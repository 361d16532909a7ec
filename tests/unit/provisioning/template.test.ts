import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeUtf8 } from '../../../firmware/base/text.ts';
import {
  PageBody,
  type TemplateView,
  utf8Bytes,
  Words,
} from '../../../firmware/provisioning/template.ts';
import { bytesOf } from '../../support/ask.ts';

const WORDS = new Words(
  utf8Bytes('a=first\na b=second {{$one}}\na c=third{{?two}}, again{{/}}\nb=grün\n'),
);

/** Values by name; sections by name and count. Remembers its subject and the index it is at. */
function view(values: Record<string, string | Uint8Array>, counts: Record<string, number> = {}) {
  let at = '';
  let about = '';
  const result: TemplateView = {
    value(name) {
      const value = name === 'at' ? at : name === 'about' ? about : values[name];
      return typeof value === 'string' ? utf8Bytes(value) : value;
    },
    count: (section) => counts[section] ?? 0,
    select(section, index) {
      at = `${section}${index}`;
    },
    subject(name) {
      about = name;
    },
  };
  return result;
}

function render(template: string, of: TemplateView, pieceBytes = 512): string {
  const body = new PageBody(utf8Bytes(`not shown\n${template}`), WORDS, of);
  const bytes = bytesOf(body, pieceBytes);
  return decodeUtf8(bytes, 0, bytes.length);
}

test('a word is found by its key, whatever other keys it begins with', () => {
  const found = ['a', 'a b', 'a c', 'b'].map((key) => WORDS.find(key));
  assert.deepEqual(found, [true, true, true, true]);
  const missing = ['', ' ', 'a ', 'a a', 'a bc', 'aa', 'c', 'first'].map((key) => WORDS.find(key));
  assert.ok(missing.every((isFound) => !isFound));
  assert.equal(new Words(new Uint8Array(0)).find('a'), false);
});

test('words may hold markers, and keys a value', () => {
  assert.equal(render('[{{_b}}] {{_a b}}', view({ one: '<1>' })), '[grün] second &#60;1&#62;');
  assert.equal(render('{{_a $key}}', view({ key: 'c' }, { two: 2 })), 'third, again, again');
});

test('a key whose value has no word is written as the value, escaped', () => {
  assert.equal(render('{{_a $key}}', view({ key: '<x>' })), '&#60;x&#62;');
});

test('sections stand as often as the view says, and know which time it is', () => {
  const of = view({}, { two: 2, one: 1 });
  assert.equal(render('({{?two}}{{$at}} {{/}})', of), '(two0 two1 )');
  assert.equal(
    render('{{?none}}x{{?two}}y{{/}}{{!one}}{{/}}{{/}}-{{!none}}z{{/}}{{!two}}w{{/}}', of),
    '-z',
  );
  assert.equal(render('{{?two}}{{?one}}{{!none}}n{{/}}{{/}};{{/}}', of), 'n;n;');
});

test('a block is written where it is used, with its subject and the rest of its marker', () => {
  const template = '{{=in}}<{{$about}}>{{/}}{{=out}}({{>in}}{{@}}){{/}}{{>out a}}{{>out b x="1"}}';
  assert.equal(render(template, view({})), '(<a>)(<b> x="1")');
});

test('braces that are no markers stay, and so does an empty template', () => {
  assert.equal(render('a{b{c}d}} {', view({})), 'a{b{c}d}} {');
  assert.equal(render('', view({})), '');
});

test('values are escaped: markup, control characters and bytes that are no UTF-8', () => {
  const of = (...bytes: number[]) => render('{{$v}}', view({ v: new Uint8Array(bytes) }));
  assert.equal(
    render('{{$v}}', view({ v: `<a href="x" b='&'>` })),
    '&#60;a href=&#34;x&#34; b=&#39;&#38;&#39;&#62;',
  );
  assert.equal(render('{{$v}}', view({ v: '{{$v}} 😀' })), '{{$v}} 😀');
  assert.equal(of(0x41, 0, 0x0a, 0x1b, 0x7f, 0x42), 'A\ufffd\n\ufffd\ufffdB');
  assert.equal(of(0xff, 0x3c, 0xc3, 0xe2, 0x82), '\ufffd&#60;\ufffd\ufffd');
});

test('the bytes are the same whatever the room that each write has', () => {
  const template = '{{=b}}[{{$about}}{{@}}]{{/}}é{{?two}}{{_a b}}{{>b x y}}{{/}}{{$v}}';
  const of = view({ one: '"', v: 'a😀<' }, { two: 2 });
  const whole = render(template, of);
  for (let bytes = 1; bytes < 70; bytes += 1) assert.equal(render(template, of, bytes), whole);
});

test('a write goes on behind what is in the buffer, and never past its end', () => {
  const body = new PageBody(utf8Bytes('\n12345'), WORDS, view({}));
  const into = utf8Bytes('ab....');
  assert.equal(body.write(into, 2), 6);
  assert.equal(decodeUtf8(into, 0, 6), 'ab1234');
  assert.equal(body.finished, false);
  assert.equal(body.write(into, 6), 6);
  assert.equal(body.write(into, 0), 1);
  assert.equal(body.finished, true);
});
