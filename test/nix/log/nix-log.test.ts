import test from "ava";
import { NixLog } from "../../../src/nix/log/nix-log.ts";
import { sayingOnce } from "../../../src/nix/log/watch.ts";
import { nixFault } from "../../../src/nix/nix-error.ts";

/** A log, and what its watch hears. */
function listening() {
  const heard = { notes: [] as string[], counts: [] as string[], details: [] as string[], steps: [] as string[] };
  const task = {
    progress: () => {},
    counted: (done: number, total: number) => void heard.counts.push(`${done}/${total}`),
    detail: (text: string) => void heard.details.push(text),
    step: (text: string) => void heard.steps.push(text.replace(/\d+\.\d s/, "… s")),
  };
  const log = new NixLog(sayingOnce({ note: (text) => void heard.notes.push(text), task }));
  return { log, heard };
}

function start(id: number, type: number, text = "", ...fields: unknown[]): string {
  return `@nix ${JSON.stringify({ action: "start", id, level: 3, parent: 0, text, type, fields })}`;
}

function result(id: number, type: number, ...fields: unknown[]): string {
  return `@nix ${JSON.stringify({ action: "result", id, type, fields })}`;
}

function stop(id: number): string {
  return `@nix ${JSON.stringify({ action: "stop", id })}`;
}

function message(level: number, msg: string, raw_msg?: string): string {
  return `@nix ${JSON.stringify({ action: "msg", level, msg, raw_msg })}`;
}

const pathOf = (name: string) => `/nix/store/w7kxf1iggx0z2mnv530lfvmxdsmj9qzv-${name}`;
const [realise, builds, copies] = [1, 2, 3];
const begin = [start(realise, 102), start(builds, 104), start(copies, 103)];

test("what is built and fetched is counted, as Nix's own bar counts it, and builds are named", (t) => {
  const { log, heard } = listening();
  const lines = [
    ...begin,
    result(builds, 105, 0, 2, 0, 0),
    result(copies, 105, 0, 3, 0, 0),
    result(realise, 106, 100, 5_242_880),
    start(4, 105, "building", pathOf("hello-2.12.drv"), "", 1, 1),
    start(5, 100, "copying", pathOf("glibc")),
    result(5, 105, 1_048_576, 2_097_152, 0, 0),
    result(4, 104, "unpackPhase"),
    result(4, 101, "one"),
    result(builds, 105, 1, 2, 0, 0),
    stop(4),
    result(5, 105, 2_097_152, 2_097_152, 0, 0),
    result(copies, 105, 1, 3, 0, 0),
    stop(5),
  ];
  lines.forEach((line) => log.read(line));
  t.is(heard.details.at(-1), "1 of 2 built, 1 of 3 fetched (2 MiB of 5 MiB)");
  t.true(heard.details.includes("0 of 2 built, 0 of 3 fetched (0 bytes of 5 MiB); building hello-2.12"));
  t.is(heard.counts.at(-1), "2/5");
  t.deepEqual(heard.steps, ["built hello-2.12 (… s)"]);
});

for (const [version, order] of [
  ["2.8", ["result", "message", "stop"]],
  ["2.34", ["result", "stop", "message"]],
] as const) {
  test(`of a build that fails the last lines are known, in the order of Nix ${version}`, (t) => {
    const { log, heard } = listening();
    const derivation = pathOf("failing.drv");
    const lines = Array.from({ length: 50 }, (_, index) => result(4, 101, `line ${index}`));
    [...begin, start(4, 105, "building", derivation, "", 1, 1), ...lines].forEach((line) => log.read(line));
    const ends = {
      result: result(builds, 105, 0, 2, 0, 1),
      message: message(0, `error: builder for '${derivation}' failed`, `builder for '${derivation}' failed`),
      stop: stop(4),
    };
    for (const name of order) log.read(ends[name]);
    log.read(
      message(0, "error: 1 dependencies", `1 dependencies of derivation '${pathOf("outer.drv")}' failed to build`),
    );
    t.deepEqual(nixFault(log.messages)?.lines, [`builder for '${derivation}' failed`]);
    t.is(log.linesOf(derivation).length, 20);
    t.is(log.linesOf(derivation).at(-1), "line 49");
    t.deepEqual(heard.steps, ["failed failing (… s)"]);
    t.deepEqual(heard.notes, []);
  });
}

test("warnings and traces of evaluations are said, each once, and information is not", (t) => {
  const { log, heard } = listening();
  const lines = [
    message(1, "\u001b[35;1mwarning:\u001b[0m Git tree '/x' is dirty"),
    message(1, "\u001b[35;1mwarning:\u001b[0m Git tree '/x' is dirty"),
    message(0, "trace: evaluation warning: the option is old"),
    message(0, "trace: a value"),
    message(3, "these 2 derivations will be built:"),
    message(0, "(use '--show-trace' to show detailed location information)"),
    message(0, "error: no", "no"),
    "warning: the group 'nixbld' does not exist",
    '@nix {"action":"something new"}',
    "",
  ];
  const said = lines.flatMap((line) => log.read(line));
  t.deepEqual(heard.notes, [
    "Nix: Git tree '/x' is dirty",
    "Nix: the option is old",
    "Nix: trace: a value",
    "Nix: the group 'nixbld' does not exist",
    'Nix: @nix {"action":"something new"}',
  ]);
  t.true(said.includes("error: no"));
});

test("activities that are not known are told by their text, and numbers that are none count for nothing", (t) => {
  const { log, heard } = listening();
  const odd = [result(builds, 105, "x", -1, null, 1e300), result(99, 105, 1, 2), stop(99), result(4, 106, "a", {})];
  [...begin, start(4, 4711, "doing something new"), ...odd].forEach((line) => log.read(line));
  t.deepEqual(heard.details, ["doing something new"]);
  t.deepEqual(heard.counts, []);
});
