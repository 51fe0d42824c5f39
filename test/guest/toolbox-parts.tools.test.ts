import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { staticBusybox } from "../../src/guest/busybox.ts";
import { takeInventory } from "../../src/guest/toolbox/inventory.ts";
import { storeParts } from "../../src/guest/toolbox/store-parts.ts";
import { readShebang } from "../../src/guest/toolbox/shebang.ts";
import { openToolbox } from "../../src/guest/toolbox/toolbox.ts";
import { trace } from "../../src/guest/toolbox/trace.ts";
import { findTool } from "../../src/runtime/tools.ts";

const own = process.arch === "arm64" ? "aarch64" : "x86_64";
const other = own === "x86_64" ? "aarch64" : "x86_64";

test("a script's first line names its interpreter, and what env is to look up", (t) => {
  t.deepEqual(readShebang("#!/bin/sh -e\nset -u\n"), { path: "/bin/sh" });
  t.deepEqual(readShebang("#! /usr/bin/env bash\n"), { path: "/usr/bin/env", searched: "bash" });
  t.deepEqual(readShebang("#!/usr/bin/env -S LC_ALL=C perl -w\n"), { path: "/usr/bin/env", searched: "perl" });
  t.is(readShebang("\x7fELF"), undefined);
  t.is(readShebang("#!\n/bin/sh"), undefined);
});

test("the links on the way to a file are kept, whether it is a folder or a name that leads on", (t) => {
  const folder = realpathSync(scratchFolder(t));
  mkdirSync(join(folder, "usr/sbin"), { recursive: true });
  writeFileSync(join(folder, "usr/sbin/lvm"), "");
  symlinkSync("usr/sbin", join(folder, "sbin"));
  symlinkSync("../sbin/lvm", join(folder, "usr/sbin/lvcreate"));
  const { links, end } = trace(join(folder, "sbin/lvcreate"));
  t.is(end, join(folder, "usr/sbin/lvm"));
  t.deepEqual(Object.fromEntries(links), {
    [join(folder, "sbin")]: "usr/sbin",
    [join(folder, "usr/sbin/lvcreate")]: "../sbin/lvm",
  });
});

test("tools come with their settings, with what they start, and with the plugins of their libraries", async (t) => {
  const { programs, files } = await takeInventory({ tools: ["mkfs.ext4", "lvcreate", "cryptsetup", "udevadm"] });
  t.true(files.includes("/etc/mke2fs.conf"));
  t.true(files.includes("/etc/lvm/lvm.conf"));
  for (const name of ["dmsetup", "thin_check", "thin_repair"]) t.true(programs.has(name), name);
  t.true(files.some((path) => path.endsWith("/ossl-modules/legacy.so")));
  t.true(files.includes("/lib/udev/rules.d/60-persistent-storage.rules"));
});

test("where the closures of store paths are known from a folder, Nix is not asked for them", async (t) => {
  const folder = scratchFolder(t);
  const tool = `/nix/store/${"t".repeat(32)}-tool`;
  writeFileSync(join(folder, "registration"), `${tool}\nsha256:${"0".repeat(64)}\n120\n\n0\n`);
  const { closure } = await takeInventory({ tools: [], storePaths: [tool], closureInfo: folder });
  t.deepEqual(
    closure.paths.map(({ path }) => path),
    [tool],
  );
});

test("in a toolbox a program is there under every name that others call it by", async (t) => {
  const folder = scratchFolder(t);
  const { disk } = await openToolbox(["lvcreate"], { architecture: own, workFolder: folder, cacheFolder: folder });
  const stat = (path: string) => execFileSync(findTool("debugfs"), ["-R", `stat ${path}`, disk.path]).toString();
  t.regex(stat("/root/usr/sbin/thin_check"), /Fast link dest: "pdata_tools"/);
  t.regex(stat("/root/sbin"), /Fast link dest: "usr\/sbin"/);
  t.regex(stat("/root/etc/lvm/lvm.conf"), /Type: regular/);
});

test("a program that the job brings along comes with its interpreter, or with its libraries", async (t) => {
  const folder = scratchFolder(t);
  const script = join(folder, "script");
  writeFileSync(script, "#!/usr/bin/env perl\n");
  const { programs, files } = await takeInventory({ tools: [], executables: [script, "/bin/true"] });
  t.true(files.includes("/usr/bin/env"));
  t.deepEqual([...programs.keys()], ["perl"]);
  t.true(files.some((path) => path.includes("libc.so")));
  t.false(files.includes(script));
});

test("an interpreter that is not there is named before anything starts", async (t) => {
  const script = join(scratchFolder(t), "script");
  writeFileSync(script, "#!/usr/bin/env no-such-interpreter\n");
  await t.throwsAsync(takeInventory({ tools: [], executables: [script] }), {
    code: "MISSING_TOOL",
    message: /no-such-interpreter, which runs a script, is not installed/,
  });
});

/** A store path with these programs, and a script with this first line. */
function toolboxWith(t: ExecutionContext, names: readonly string[], firstLine: string) {
  const storePath = scratchFolder(t);
  mkdirSync(join(storePath, "bin"));
  for (const name of names) writeFileSync(join(storePath, "bin", name), "", { mode: 0o755 });
  const script = join(storePath, "script");
  writeFileSync(script, `${firstLine}\n`);
  return { storePath, script, parts: () => storeParts({ tools: [], executables: [script] }, storePath) };
}

test("a toolbox has what env looks up for a script, and env at its fixed place", (t) => {
  const { storePath, parts } = toolboxWith(t, ["env", "bash"], "#!/usr/bin/env bash");
  t.deepEqual([...parts().programs], [["bash", join(storePath, "bin/bash")]]);
  t.deepEqual([...parts().links], [["/usr/bin/env", join(storePath, "bin/env")]]);
});

test("an interpreter in the store is where it is: a link there would lead the toolbox's own link to itself", (t) => {
  const bash = `/nix/store/${"b".repeat(32)}-bash/bin/bash`;
  const { parts } = toolboxWith(t, ["bash"], `#!${bash}`);
  t.deepEqual([...parts().links], []);
});

for (const [names, lacking] of [
  [["env"], "bash"],
  [["bash"], "env"],
] as const) {
  test(`a toolbox without ${lacking} runs no script that is started by it, which is said before`, (t) => {
    const { storePath, parts } = toolboxWith(t, names, "#!/usr/bin/env bash");
    t.throws(parts, {
      code: "MISSING_TOOL",
      message: `the toolbox ${storePath} has no bin/${lacking}, which runs a script`,
    });
  });
}

test("what a store path lacks is named, with the package to put in", async (t) => {
  const storePath = scratchFolder(t);
  mkdirSync(join(storePath, "bin"));
  writeFileSync(join(storePath, "bin/bash"), "");
  chmodSync(join(storePath, "bin/bash"), 0o755);
  const error = await t.throwsAsync(takeInventory({ tools: ["bash", "mdadm"], storePath }), { code: "MISSING_TOOL" });
  t.is(error?.message, `the toolbox ${storePath} has no bin/mdadm`);
  t.regex(String((error as { hint?: string }).hint), /apt-get install mdadm, or nix-shell -p mdadm/);
});

test("for another processor the hint is a toolbox of the user's own, and so it is for the busybox of its guest", async (t) => {
  const folder = scratchFolder(t);
  const options = { architecture: other, workFolder: folder, cacheFolder: folder } as const;
  const error = await t.throwsAsync(openToolbox(["cp"], options), { code: "BAD_REQUEST" });
  t.regex(String((error as { hint?: string }).hint), /--toolbox \/nix\/store/);
  t.throws(() => staticBusybox(other), { code: "MISSING_TOOL", message: /does not run in a guest of/ });
  t.true(staticBusybox(own).length > 100_000);
});

test("who makes a toolbox removes those that nobody used for 30 days, and using one keeps it", async (t) => {
  const folder = scratchFolder(t);
  const options = { architecture: own, workFolder: folder, cacheFolder: folder } as const;
  const [used, unused] = [await openToolbox(["cp"], options), await openToolbox(["cat"], options)];
  unused.markProven();
  const before = new Date(Date.now() - 31 * 24 * 60 * 60 * 1000);
  for (const { disk } of [used, unused]) utimesSync(disk.path, before, before);
  await openToolbox(["cp"], options);
  const made = await openToolbox(["sort"], options);
  t.true(existsSync(used.disk.path));
  t.false(existsSync(unused.disk.path));
  t.is(readdirSync(folder).length, 2);
  t.true(existsSync(made.disk.path));
});

function scratchFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-toolbox-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
