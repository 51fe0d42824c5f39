import test from "ava";
import {
  evaluatePython,
  UnknownPython,
  type PythonValue,
} from "../../../src/bootloaders/systemd-boot/python-expression.ts";

const names = new Map<string, PythonValue>([
  ["ESP", { path: "/boot" }],
  ["TEXT", "/boot"],
]);

const values: readonly (readonly [source: string, value: PythonValue])[] = [
  ['"text"', "text"],
  ["'it'", "it"],
  [String.raw`"a\"b\\c\n"`, 'a"b\\c\n'],
  ['"one" "two"', "onetwo"],
  ['"""many\nlines\n"""', "many\nlines\n"],
  ["True", true],
  ["None", null],
  ["-12", -12],
  ['"1" == "1"', true],
  ['"" == "1"', false],
  ['"" != "1"', true],
  ['bool("")', false],
  ['bool("0")', true],
  ['int("120")', 120],
  ['str("x")', "x"],
  ['Path("/boot//efi/")', { path: "/boot/efi" }],
  ['ESP / "loader/loader.conf"', { path: "/boot/loader/loader.conf" }],
  ['f"{TEXT}/loader.conf"', "/boot/loader.conf"],
  ['f"{ESP}/{{x}}"', "/boot/{x}"],
  ['"/EFI/nixos".strip("/")', "EFI/nixos"],
  ['"//x//".lstrip("/")', "x//"],
  ['Path(\n    "/EFI/nixos".strip("/"),\n)', { path: "EFI/nixos" }],
];

for (const [source, value] of values) {
  test(`the value of ${source}`, (t) => t.deepEqual(evaluatePython(source, names), value));
}

for (const source of [
  'open("x")',
  "UNKNOWN",
  '"a" + "b"',
  '"a" % 1',
  'r"x"',
  'int("a")',
  'f"{ESP!r}"',
  '"unfinished',
  'Path("/a") == Path("/a")',
  "",
]) {
  test(`no value of ${source === "" ? "nothing" : source}`, (t) => {
    t.throws(() => evaluatePython(source, names), { instanceOf: UnknownPython });
  });
}
