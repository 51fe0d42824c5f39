import test from "ava";
import type { LogMessage } from "../../src/nix/log/line.ts";
import { nixFault } from "../../src/nix/nix-error.ts";

/** The words of Nix on lines of their own. */
function plain(lines: readonly string[]): LogMessage[] {
  return lines.map((text) => ({ level: 1, text, decisive: undefined }));
}

test("an old Nix begins with its message, and goes outwards", (t) => {
  const lines = [
    "warning: the group 'nixbld' specified in 'build-users-group' does not exist",
    "error: undefined variable 'missing'",
    "",
    "       at /home/u/disk.nix:3:12:",
    "            2|   disk.a = {",
    "            3|     device = missing;",
    "             |              ^",
    "       … while evaluating 'expand'",
    "       at «string»:19:14:",
    "       at /home/u/other.nix:9:1:",
  ];
  t.deepEqual(nixFault(plain(lines)), {
    lines: ["undefined variable 'missing'"],
    place: "/home/u/disk.nix:3",
    isTraced: true,
  });
});

test("a new Nix ends with its message", (t) => {
  const lines = [
    "error:",
    "       … while evaluating the attribute 'disko'",
    "         at /home/u/flake.nix:2:3:",
    "       … while evaluating `disko.devices.disk.a.device' (/home/u/disk.nix:7)",
    "       … while calling the 'throw' builtin",
    "         at /nix/store/x-source/lib/attrsets.nix:10:5:",
    "       error: no disk today,",
    "       and none tomorrow",
  ];
  t.deepEqual(nixFault(plain(lines)), {
    lines: ["no disk today,", "and none tomorrow"],
    place: "/home/u/disk.nix:7",
    isTraced: true,
  });
});

test("what is no evaluation's error has no decisive line", (t) => {
  t.is(nixFault(plain(["Killed"])), undefined);
  t.deepEqual(nixFault(plain(["error: cannot connect"])), {
    lines: ["cannot connect"],
    place: undefined,
    isTraced: false,
  });
});
