import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { readLibraryList } from "../../src/guest/toolbox/libraries.ts";
import { openToolbox, toolboxPath } from "../../src/guest/toolbox/toolbox.ts";
import type { Architecture } from "../../src/guest/architecture.ts";
import { findTool } from "../../src/runtime/tools.ts";

const own: Architecture = process.arch === "arm64" ? "aarch64" : "x86_64";
const other: Architecture = own === "x86_64" ? "aarch64" : "x86_64";

test("the libraries of a program are read from what ldd prints", (t) => {
  const text = `
	linux-vdso.so.1 (0x00007fd1a0ed1000)
	libuuid.so.1 => /lib/x86_64-linux-gnu/libuuid.so.1 (0x00007fd1a0df6000)
	libinih.so.1 => not found
	/nix/store/x-glibc/lib/ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2 (0x00007fd1a0ed3000)
	/lib64/ld-linux-x86-64.so.2 (0x00007fd1a0ed3000)
`;
  t.deepEqual(readLibraryList(text), {
    libraries: [
      "/lib/x86_64-linux-gnu/libuuid.so.1",
      "/nix/store/x-glibc/lib/ld-linux-x86-64.so.2",
      "/lib64/ld-linux-x86-64.so.2",
      "/lib64/ld-linux-x86-64.so.2",
    ],
    missing: ["libinih.so.1"],
  });
  t.deepEqual(readLibraryList("\tnot a dynamic executable\n"), { libraries: [], missing: [] });
});

test("a toolbox is a clean ext4 with a link for each tool, and everything that they load", async (t) => {
  const folder = scratchFolder(t);
  const { disk } = await openToolbox(["cp", "mkfs.xfs"], {
    architecture: own,
    workFolder: folder,
    cacheFolder: folder,
  });
  judge("e2fsck", "-fn", disk.path);
  t.regex(judge("debugfs", "-R", "ls /bin", disk.path), /\bcp\b[^]*mkfs\.xfs/);
  t.regex(judge("debugfs", "-R", "stat /bin/cp", disk.path), /Fast link dest: "\.\.\/root\/.*cp"/);
  const missing = librariesOf(findTool("mkfs.xfs")).filter((path) =>
    judge("debugfs", "-R", `stat /root${path}`, disk.path).includes("File not found"),
  );
  t.deepEqual(missing, []);
});

test("asked for by several at once, it is made once for all, whole, and nothing else is left", async (t) => {
  const folder = scratchFolder(t);
  const options = { architecture: own, workFolder: folder, cacheFolder: folder };
  const boxes = await Promise.all([1, 2, 3].map(() => openToolbox(["cp"], options)));
  t.is(new Set(boxes.map(({ disk }) => disk.path)).size, 1);
  t.is(readdirSync(folder).length, 1);
});

test.serial("what mounts a filesystem in the place of mount is where mount looks for it", async (t) => {
  const folder = scratchFolder(t);
  const bin = join(folder, "bin");
  mkdirSync(bin);
  copyFileSync(findTool("busybox"), join(bin, "mount.zfs"));
  copyFileSync(findTool("busybox"), join(bin, "zpool"));
  const path = process.env["PATH"];
  process.env["PATH"] = `${bin}:${path}`;
  t.teardown(() => (process.env["PATH"] = path));
  const { disk } = await openToolbox(["zpool"], { architecture: own, workFolder: folder, cacheFolder: folder });
  const sbin = existsSync("/sbin") && lstatSync("/sbin").isSymbolicLink() ? "usr/sbin" : "sbin";
  t.true(judge("debugfs", "-R", `stat /root/${sbin}/mount.zfs`, disk.path).includes(`"${join(bin, "mount.zfs")}"`));
});

test("each tool is tried until a guest has proven the toolbox, and no more after that", async (t) => {
  const folder = scratchFolder(t);
  const options = { architecture: own, workFolder: folder, cacheFolder: folder };
  const box = await openToolbox(["cp", "mkfs.xfs"], options);
  t.deepEqual(
    box.steps.slice(1).map(({ argv }) => argv),
    [
      [toolboxPath("cp"), "--version"],
      [toolboxPath("mkfs.xfs"), "-V"],
    ],
  );
  box.markProven();
  t.is((await openToolbox(["mkfs.xfs", "cp"], options)).steps.length, 1);
});

test("other tools are another toolbox", async (t) => {
  const folder = scratchFolder(t);
  const options = { architecture: own, workFolder: folder, cacheFolder: folder };
  const one = await openToolbox(["cp"], options);
  const two = await openToolbox(["cp", "mkfs.xfs"], options);
  t.not(one.disk.path, two.disk.path);
});

test("without a cache folder it is made where the work is done", async (t) => {
  const folder = scratchFolder(t);
  const cacheFolder = join(folder, "a file", "cache");
  writeFileSync(join(folder, "a file"), "");
  const { disk } = await openToolbox(["cp"], { architecture: own, workFolder: folder, cacheFolder });
  t.true(readFileSync(disk.path).length > 0);
  t.true(disk.path.startsWith(folder));
});

test("the tools of this machine do not run on another processor", async (t) => {
  const folder = scratchFolder(t);
  const options = { architecture: other, workFolder: folder, cacheFolder: folder };
  await t.throwsAsync(openToolbox(["cp"], options), { code: "BAD_REQUEST", message: /cp of this machine/ });
});

function scratchFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-toolbox-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function librariesOf(program: string): string[] {
  return [...judge("ldd", program).matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
}

function judge(tool: "debugfs" | "e2fsck" | "ldd", ...words: string[]): string {
  return execFileSync(findTool(tool), words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
