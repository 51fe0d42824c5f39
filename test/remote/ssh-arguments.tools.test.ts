import { execFileSync } from "node:child_process";
import test from "ava";
import fc from "fast-check";
import { commandArguments, sshArguments } from "../../src/remote/ssh-arguments.ts";

test("any argument reaches the other machine's shell as it is, through whatever shell the user has there", (t) => {
  const words = fc.array(
    fc.oneof(
      fc.string({ unit: "grapheme" }).filter((word) => !word.includes("\0")),
      fc.string({ unit: fc.constantFrom(..."\\'\"!$`%*~ \n\tn0") }),
    ),
    { maxLength: 4 },
  );
  // Two lines, and what a shell of C's family looks up in its history.
  const script = 'for word; do printf "%s\\n-\\n" "$word"; done\n! false';
  const property = fc.property(words, fc.constantFrom("sh", "bash", "zsh", "fish", "tcsh"), (arguments_, shell) => {
    const argv = commandArguments("host", [], { elevate: ["env"], script, arguments_ });
    t.is(argv[0], "host");
    const printed = execFileSync(shell, ["-c", argv[1] ?? ""], { encoding: "utf8" });
    return printed === arguments_.map((word) => `${word}\n-\n`).join("");
  });
  t.notThrows(() => fc.assert(property, { numRuns: 50 }));
});

test("the user's options come before ours, so that they hold", (t) => {
  const argv = sshArguments({ port: 2222 }, { options: ["ConnectTimeout=5"], identity: "key" }, "/run/socket");
  t.true(argv.indexOf("ConnectTimeout=5") < argv.indexOf("ConnectTimeout=30"));
  t.deepEqual(argv.slice(-4), ["-i", "key", "-p", "2222"]);
  t.true(argv.includes("ControlPath=/run/socket"));
});

test("without a port and a key, ssh's own configuration says them", (t) => {
  const argv = sshArguments({ port: undefined }, { options: [] }, "/run/socket");
  t.false(argv.includes("-p"));
  t.false(argv.includes("-i"));
});
