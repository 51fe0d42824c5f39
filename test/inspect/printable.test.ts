import test from "ava";
import { renderPage } from "../../src/inspect/page-html.ts";
import { printable, printableItem, printableJson, printableLines, printablePath } from "../../src/inspect/printable.ts";
import { sampleFacts } from "./sample-facts.ts";

/** Characters at which a terminal or a browser does something; as numbers, so that this file shows what is in it. */
const codes = [
  0x00, 0x07, 0x1b, 0x7f, 0x80, 0x9b, 0x9f, 0xad, 0x200b, 0x200e, 0x2028, 0x202a, 0x202e, 0x2066, 0x2069, 0xfeff,
];
const obeyed = [...codes, 0xe0041];
const hostile = obeyed.map((code) => `a${String.fromCodePoint(code)}`).join("");

function isQuiet(text: string): boolean {
  return obeyed.every((code) => !text.includes(String.fromCodePoint(code)));
}

test("a terminal is told of a character, and not given it", (t) => {
  t.is(printable("a\x1b[31m\u009b\u202e\ufeff"), String.raw`a\x1b[31m\x9b\u{202e}\u{feff}`);
  t.true(isQuiet(printable(hostile)));
  t.is(printable("half a pair \ud800"), String.raw`half a pair \u{d800}`);
  t.is(printable("naïve – 文字 🙂"), "naïve – 文字 🙂");
});

test("lines stay lines", (t) => {
  t.is(printableLines("one\n\ttwo\r\n\x1bthree"), "one\n\ttwo\\x0d\n\\x1bthree");
});

test("no line of one thing can pass for another thing", (t) => {
  t.is(printableItem("mkimage: a\nhint: run this\x1b\n"), "mkimage: a\n    hint: run this\\x1b");
});

test("a path is bytes that are shown as text", (t) => {
  t.is(printablePath(Buffer.from("e/\u009b\u202e").toString("latin1")), String.raw`/e/\x9b\u{202e}`);
});

test("JSON says the same with no such character in it", (t) => {
  const value = { [hostile]: [hostile, 1, null], half: "\ud800" };
  const text = printableJson(value, 2);
  t.true(isQuiet(text));
  t.deepEqual(JSON.parse(text), value);
  t.is(printableJson("\u009b\u{e0041}"), String.raw`"\u009b\udb40\udc41"`);
});

test("the page has none of them either", (t) => {
  const facts = sampleFacts(null);
  const disks = facts.disks.map((disk) => ({ ...disk, name: hostile }));
  t.true(isQuiet(renderPage({ ...facts, disks }, { script: "", style: "" })));
});
