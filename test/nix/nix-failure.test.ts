import test from "ava";
import { NixLog } from "../../src/nix/log/nix-log.ts";
import { failureError, NixFailure } from "../../src/nix/nix-failure.ts";

/** The error of a call that printed these lines. */
function errorAfter(lines: readonly string[], wantsTrace = false) {
  const log = new NixLog(undefined);
  lines.forEach((line) => log.read(line));
  const failure = new NixFailure({ arguments_: [".#web"], folder: "/nowhere" }, "nix build .#web", log, undefined);
  return failureError("building it", failure, { wantsTrace });
}

function message(msg: string, raw_msg?: string): string {
  return `@nix ${JSON.stringify({ action: "msg", level: 0, msg, raw_msg })}`;
}

const outer = "/nix/store/n0wklpkila6bvmg1acij540rcjvf6r5n-outer.drv";
const inner = "/nix/store/c0sf2nij6rma0x5xlz31rgrwml0w7ql2-inner.drv";

test("of several errors that one comes first from which the others follow", (t) => {
  const follows = `1 dependencies of derivation '${outer}' failed to build`;
  const newest = `Cannot build '${outer}'.\nReason: 1 dependency failed.\nOutput paths:\n  /nix/store/x`;
  const decisive = `builder for '${inner}' failed with exit code 3`;
  for (const other of [follows, newest]) {
    const said = [decisive, other].map((words) => message(`error: ${words}`, words));
    for (const lines of [said, said.toReversed()])
      t.deepEqual(errorAfter(lines).details, [`error: ${decisive}`, "nix build .#web"]);
  }
  t.is(errorAfter([message(`error: ${follows}`, follows)]).details[0], `error: ${follows}`, "where it is the only one");
});

test("what Nix prints before its log begins is read too: it knows an option not, or is none of ours", (t) => {
  t.is(
    errorAfter(["error: unrecognised flag '--lib'", "Try 'nix --help'"]).details[0],
    "error: unrecognised flag '--lib'",
  );
  t.deepEqual(errorAfter(["Killed", ""]).details, ["Killed", "nix build .#web"]);
});

test("without the decisive words apart, as where a Nix gives none, they are found in the text", (t) => {
  const text =
    "error:\n       … while calling\n         at /home/u/flake.nix:7:19:\n\n       error: no root\n       is set";
  const { details, hint } = errorAfter([message(text)]);
  t.deepEqual(details, ["error: no root", "is set", "at /home/u/flake.nix:7", "nix build .#web"]);
  t.regex(hint ?? "", /--show-trace/);
  t.true(errorAfter([message(text)], true).details.includes("       … while calling"));
});

test("a path that lazy-trees has never copied is named as such, and one that was collected as that", (t) => {
  const of = (name: string) => `/nix/store/00000000000000000000000000000000-${name}`;
  const hintOf = (words: string) => errorAfter([message(`error: ${words}`, words)]).hint ?? "";
  t.regex(hintOf(`path '${of("source")}/secret.key' does not exist`), /-source is a flake's source .*lazy-trees/);
  t.regex(hintOf(`path '${of("hello")}' is not valid`), /-hello is not in the store: build or fetch it again/);
});
