import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { installJob } from "../../src/guest/install-job.ts";
import { vmFolder } from "../../src/guest/vm-folder.ts";
import { findTool } from "../../src/runtime/tools.ts";

const scripts = readdirSync(vmFolder());

test("shellcheck has nothing to say about what runs in a guest", (t) => {
  const paths = scripts.map((name) => join(vmFolder(), name));
  t.notThrows(() => execFileSync("shellcheck", ["--shell=sh", ...paths], { stdio: "pipe" }));
});

test("busybox's shell, which runs it, can read it", (t) => {
  for (const name of scripts) {
    t.notThrows(() => execFileSync(findTool("busybox"), ["sh", "-n", join(vmFolder(), name)], { stdio: "pipe" }), name);
  }
});

test("every script begins by saying what it does", (t) => {
  for (const name of scripts) t.regex(readFileSync(join(vmFolder(), name), "utf8"), /^#!\/bin\/busybox sh\n# \S/, name);
});

test("an installation names only scripts that exist", (t) => {
  const { steps } = installJob({
    toplevel: "/nix/store/x",
    mounts: [{ disk: "d", mountPoint: "/", filesystem: { type: "ext4" } }],
    partitions: [],
    bootDevices: [],
    installBootloader: true,
    touchEfiVariables: true,
    owners: [{ path: "/a", user: "b", group: "c" }],
    capture: { trees: ["/boot"], files: [] },
  });
  for (const { argv } of steps) t.true(scripts.includes((argv[0] ?? "").replace("/vm/", "")), argv[0]);
});
