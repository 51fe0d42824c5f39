import test from "ava";
import fc from "fast-check";
import { isMatch, normalAlias } from "../../../src/deploy/drivers/alias-pattern.ts";
import { native } from "../../../src/runtime/native.ts";

const cases: readonly (readonly [pattern: string, name: string, isIt: boolean])[] = [
  ["pci:v00008086d00002922sv*sd*bc*sc*i*", "pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01", true],
  ["pci:v*d*sv*sd*bc01sc06i01*", "pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01", true],
  ["pci:v*d*sv*sd*bc01sc08i02*", "pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01", false],
  ["virtio:d00000002v*", "virtio:d00000002v00001AF4", true],
  ["virtio:d00000002v*", "virtio:d00000020v00001AF4", false],
  ["scsi:t-0x00*", "scsi:t-0x00", true],
  ["scsi:t-0x00*", "scsi:t-0x05", false],
  ["usb:v0BDAp8152d*dc*dsc*dp*icFFiscFFip00in*", "usb:v0BDAp8152d3000dc00dsc00dp00icFFiscFFip00in00", true],
  ["usb:v1234p[0-9A-F]???d*", "usb:v1234pB001d0000dc00", true],
  ["acpi*:PNP0C0A:*", "acpi:PNP0C0A:", true],
  ["of:N*T*Cvendor,some-disk", "of:NdiskT(null)Cvendor,some-disk", true],
  ["?[abb-\\*[!a-c]*", "[*-1cb]", false],
  ["[\\]a]", "]", true],
  ["of:N*T*Cvendor,some-diskC*", "of:NdiskT(null)Cvendor,some_disk", false],
];
for (const [pattern, name, isIt] of cases) {
  test(`${pattern} is ${isIt ? "" : "not "}for ${name}`, (t) => {
    t.is(isMatch(normalAlias(pattern), normalAlias(name)), isIt);
  });
}

test("a hyphen is an underscore, but in a set", (t) => {
  t.is(normalAlias("a-b[0-9]-c"), "a_b[0-9]_c");
});

test("a pattern matches what the C library says", (t) => {
  const fnmatch = native().func("int fnmatch(const char *, const char *, int)") as (...words: unknown[]) => number;
  const piece = fc.constantFrom(
    "*",
    "?",
    "[0-9]",
    "[!a-c]",
    "[^1]",
    "[]a]",
    "[a-]",
    "[ab",
    "\\*",
    "\\a",
    "a",
    "b",
    "1",
    ":",
    "-",
    "]",
  );
  const pattern = fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join(""));
  const name = fc.string({ unit: fc.constantFrom("a", "b", "1", ":", "-", "*", "[", "]", "c"), maxLength: 7 });
  const property = fc.property(pattern, name, (one, other) => {
    t.is(isMatch(one, other), fnmatch(one, other, 0) === 0, JSON.stringify([one, other]));
  });
  fc.assert(property, { numRuns: 20_000 });
});

test("stars upon stars take no longer than their product", (t) => {
  const start = performance.now();
  t.false(isMatch(`${"*a".repeat(500)}b`, "a".repeat(2000)));
  t.true(performance.now() - start < 5000);
});
