import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asciiBytes } from '../../../../firmware/base/ascii.ts';
import { decodeUtf8 } from '../../../../firmware/base/utf8.ts';
import {
  PageBody,
  type Scope,
  Table,
  type TemplateView,
  utf8Bytes,
} from '../../../../firmware/provisioning/page/template.ts';
import { bytesOf } from '../../../support/ask.ts';

const WORDS = new Table(
  utf8Bytes('a=first\na b=second {{$one}}\na c=third{{?two}}, again{{/}}\nb=grün\n'),
);

/** A view with these names, in which a field knows its name and a test its own words. */
function view(root: Scope): TemplateView {
  return {
    root,
    field: (name) => ({ field: name, own: `${name}!` }),
    test: (condition) => condition === 'is it so',
  };
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
  assert.equal(new Table(new Uint8Array(0)).find('a'), false);
});

test('a key has no equals sign, whatever the texts hold', () => {
  const table = new Table(asciiBytes('a=1 b=2\nb=3=4\n'));
  assert.equal(table.find('a=1 b'), false);
  assert.equal(table.find('b=3'), false);
  assert.equal(table.find('a='), false);
  assert.ok(table.find('b'));
  assert.equal(decodeUtf8(table.bytes, table.start, table.end), '3=4');
});

test('words may hold markers, and keys a value', () => {
  assert.equal(render('[{{_b}}] {{_a b}}', view({ one: '<1>' })), '[grün] second &#60;1&#62;');
  const of = view({ key: 'c', two: [{}, {}] });
  assert.equal(render('{{_a $key}}', of), 'third, again, again');
});

test('a key whose value has no word is written as the value, escaped', () => {
  assert.equal(render('{{_a $key}}', view({ key: '<x>' })), '&#60;x&#62;');
});

test('a list stands once for each item, and its names go before those of the page', () => {
  const of = view({ name: 'page', title: 'T', list: [{ name: 'x' }, { name: 7 }, {}] });
  assert.equal(render('({{?list}}{{$name}} {{$title}}, {{/}})', of), '(x T, 7 T, page T, )');
  assert.equal(render('{{?list}}{{!name}}-{{/}}{{_a $name}}{{/}}', of), 'x7page');
});

test('a section stands where its name is something, and the other where it is not', () => {
  const of = view({ yes: true, text: 'x', zero: 0, no: false, empty: '', none: [], some: [{}] });
  const names = ['yes', 'text', 'some', 'zero', 'no', 'empty', 'none', 'absent'];
  const which = (sign: string) => names.filter((name) => render(`{{${sign}${name}}}x{{/}}`, of));
  assert.deepEqual(which('?'), ['yes', 'text', 'some']);
  assert.deepEqual(which('!'), ['zero', 'no', 'empty', 'none', 'absent']);
  assert.equal(render('{{?is it so}}a{{/}}{{!is it so}}b{{/}}', of), 'a');
  assert.equal(render('{{?is it not}}a{{/}}{{!is it not}}b{{/}}', of), 'b');
});

test('sections nest, also in those that are left out', () => {
  const of = view({ yes: true, two: [{}, {}] });
  assert.equal(render('{{?no}}x{{?yes}}y{{/}}{{!yes}}{{/}}{{/}}-{{!no}}z{{/}}', of), '-z');
  assert.equal(render('{{?two}}{{?yes}}{{!no}}n{{/}}{{/}};{{/}}', of), 'n;n;');
});

test('a block is written where it is used, with its field and the rest of its marker', () => {
  const template =
    '{{=in}}<{{$own}}>{{/}}{{=out}}({{>in}}{{@}}){{/}}{{>out a}}{{>out b x="1"}}{{$own}}';
  assert.equal(render(template, view({ own: 'page' })), '(<a!>)(<b!> x="1")page');
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
  assert.equal(render('{{$v}}', view({ v: utf8Bytes('{{$v}} 😀') })), '{{$v}} 😀');
  assert.equal(of(0x41, 0, 0x0a, 0x1b, 0x7f, 0x42), 'A\ufffd\n\ufffd\ufffdB');
  assert.equal(of(0x41, 0xff, 0x3c, 0xc3, 0x42), 'A\ufffd&#60;\ufffdB');
});

test('the bytes are the same whatever the room that each write has', () => {
  const template = '{{=b}}[{{$own}}{{@}}]{{/}}é{{?two}}{{_a b}}{{>b x y}}{{/}}{{$v}}';
  const of = view({ one: '"', v: utf8Bytes('a😀<'), two: [{}, {}] });
  const whole = render(template, of);
  for (let bytes = 8; bytes < 80; bytes += 1) assert.equal(render(template, of, bytes), whole);
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

test('of the bytes of a value the five of markup are escaped, and what is no text is replaced', () => {
  const shown = (value: Uint8Array) => render('{{$one}}', view({ one: value }));
  for (let byte = 0; byte < 256; byte += 1) {
    const letter = String.fromCharCode(byte);
    const isText = byte >= 0x20 ? byte < 0x7f : [9, 10, 13].includes(byte);
    const escaped = `"&'<>`.includes(letter) ? `&#${byte};` : letter;
    assert.equal(shown(Uint8Array.of(byte)), isText ? escaped : '\ufffd', `${byte}`);
  }
  assert.equal(shown(utf8Bytes('aé\u{1f600}<')), 'aé\u{1f600}&#60;');
  assert.equal(shown(Uint8Array.of(0x61, 0xc3)), 'a\ufffd');
  // What follows a value that is no text is text again.
  const both = view({ one: Uint8Array.of(0xff), two: utf8Bytes('é'), three: utf8Bytes('ü') });
  assert.equal(render('{{$one}}{{$two}}{{$three}}{{$one}}', both), '\ufffdéü\ufffd');
});

test('the length of a page is not known before it is written', () => {
  const body = new PageBody(utf8Bytes('not shown\nx'), WORDS, view({}));
  assert.deepEqual([body.byteLength, body.finished], [-1, false]);
  assert.equal(body.write(new Uint8Array(9), 3), 4);
  assert.equal(body.finished, true);
});
