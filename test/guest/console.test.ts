import test from "ava";
import { readConsole } from "../../src/guest/console.ts";

test("lines come when they are complete, however the text is cut", (t) => {
  const lines: string[] = [];
  const console = readConsole((line) => lines.push(line));
  for (const piece of ["fir", "st\r\nsec", "ond\nthi"]) console.feed(piece);
  t.deepEqual(lines, ["first", "second"]);
  t.deepEqual(console.lines(), ["first", "second", "thi"]);
});

test("escape sequences of firmware and boot loaders are taken out", (t) => {
  const console = readConsole();
  console.feed("\u001b[2J\u001b[01;01H\u001b[=3h\u001b[1mBdsDxe:\u001b[0m loading\u0007\n");
  t.deepEqual(console.lines(), ["BdsDxe: loading"]);
});

test("a kernel that gives up is heard", (t) => {
  const console = readConsole();
  t.is(console.panic(), undefined);
  console.feed("[    1.5] Kernel panic - not syncing: VFS: Unable to mount root fs\n[    1.6] more\n");
  t.is(console.panic(), "VFS: Unable to mount root fs");
  t.deepEqual(console.lastLines(), ["[    1.5] Kernel panic - not syncing: VFS: Unable to mount root fs"]);
});

test("an error shows the last 20 lines that say something", (t) => {
  const console = readConsole();
  for (let number = 0; number < 1000; number += 1) console.feed(`line ${number}\n\n`);
  t.is(console.lastLines().length, 20);
  t.is(console.lastLines().at(-1), "line 999");
});
