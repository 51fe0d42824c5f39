import fc from "fast-check";
import test from "ava";
import { type LogLine, parseLogLine } from "../../../src/nix/log/line.ts";

const derivation = "/nix/store/w7kxf1iggx0z2mnv530lfvmxdsmj9qzv-hello-2.12.drv";
const red = String.raw`\u001b[31;1m`;
const end = String.raw`\u001b[0m`;

const lines: readonly [what: string, text: string, line: LogLine][] = [
  [
    "a build begins, in Nix 2.8",
    `@nix {"action":"start","fields":["${derivation}","",1,1],"id":77292231458820,"level":3,"text":"building '${derivation}'","type":105}`,
    {
      kind: "start",
      id: "77292231458820",
      type: 105,
      text: `building '${derivation}'`,
      fields: [derivation, "", 1, 1],
    },
  ],
  [
    "an activity without fields, in Nix 2.26, which names parents",
    '@nix {"action":"start","id":77506979823618,"level":6,"parent":0,"text":"querying info about missing paths","type":0}',
    { kind: "start", id: "77506979823618", type: 0, text: "querying info about missing paths", fields: [] },
  ],
  [
    "a line of a build's log",
    '@nix {"action":"result","fields":["line two"],"id":77292231458821,"type":101}',
    { kind: "result", id: "77292231458821", type: 101, fields: ["line two"] },
  ],
  [
    "an identifier beyond the numbers that JavaScript tells apart",
    '@nix {"action":"stop","id":9007199254740993}',
    { kind: "stop", id: "9007199254740993" },
  ],
  [
    "an error with its trace, of which the colours go",
    String.raw`@nix {"action":"msg","column":null,"file":null,"level":0,"line":null,"msg":"${red}error:${end}\n       … while calling\n\n       ${red}error:${end} no","raw_msg":"no"}`,
    { kind: "message", level: 0, text: "error:\n       … while calling\n\n       error: no", decisive: "no" },
  ],
  [
    "a trace of an evaluation",
    '@nix {"action":"msg","level":0,"msg":"trace: a trace"}',
    { kind: "message", level: 0, text: "trace: a trace", decisive: undefined },
  ],
  ["a program's own words", "warning: no such group", { kind: "other", text: "warning: no such group" }],
  ["what is cut off", '@nix {"action":"msg","lev', { kind: "other", text: '@nix {"action":"msg","lev' }],
  ["an action that is not known", '@nix {"action":"beat"}', { kind: "other", text: '@nix {"action":"beat"}' }],
  [
    "fields of other types",
    '@nix {"action":"msg","level":"x"}',
    { kind: "other", text: '@nix {"action":"msg","level":"x"}' },
  ],
];

for (const [what, text, line] of lines) test(`${what} is read`, (t) => t.deepEqual(parseLogLine(text), line));

test("no line is an error, and what is said has no escape sequences", (t) => {
  const json = fc.json().map((text) => `@nix ${text}`);
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), json), (text) => {
      const line = parseLogLine(text);
      if ("text" in line) t.false(line.text.includes("\u001b[3"));
    }),
  );
  t.pass();
});
