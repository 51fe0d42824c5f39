import test from "ava";
import { nixFault } from "../../src/nix/nix-error.ts";

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
  t.deepEqual(nixFault(lines), { message: "undefined variable 'missing'", place: "/home/u/disk.nix:3" });
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
  t.deepEqual(nixFault(lines), { message: "no disk today, and none tomorrow", place: "/home/u/disk.nix:7" });
});

test("what is no evaluation's error has no decisive line", (t) => {
  t.is(nixFault(["Killed"]), undefined);
  t.deepEqual(nixFault(["error: cannot connect"]), { message: "cannot connect", place: undefined });
});
