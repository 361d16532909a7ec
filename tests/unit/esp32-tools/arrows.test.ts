import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withArrows } from '../../../host-sim/esp32-tools/arrows.ts';

test('a function that is called later becomes an arrow, on the lines that it has', () => {
  const code =
    'function f(a, {b: c} = {}) {\nreturn a + c;\n}\nasync function g() {\nawait f(1);\n}\n';
  const arrows =
    'const f = (a, {b: c} = {}) => {\nreturn a + c;\n};\nconst g = async () => {\nawait f(1);\n};\n';
  assert.equal(withArrows(code), arrows);
});

test('a function that asks for its own this or arguments, or is made with new, stays one', () => {
  for (const code of [
    'function f() {\nreturn this.x;\n}\n',
    'function f() {\nreturn () => arguments.length;\n}\n',
    'function* f() {\nyield 1;\n}\n',
    'function F() {}\nexport const make = () => new F();\n',
  ]) {
    assert.equal(withArrows(code), code);
  }
  const inner = 'function f() {\nreturn function () {\nreturn this;\n};\n}\n';
  assert.match(withArrows(inner), /^const f = \(\) => \{/);
});

test('what runs while the module is evaluated keeps its functions, also behind others', () => {
  const code = `const table = make();
class Box {
constructor() {
fill();
}
}
const box = new Box();
const later = () => free();
function make() {
return deep();
}
function deep() {
return 1;
}
function fill() {}
function free() {}
export { table, box, later };
`;
  const arrows = withArrows(code);
  for (const name of ['make', 'deep', 'fill'])
    assert.ok(arrows.includes(`function ${name}(`), name);
  assert.ok(arrows.includes('const free = () => {};'));
});
