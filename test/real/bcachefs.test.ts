import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { lookUpProgram } from "../../src/runtime/tools.ts";
import { judge, loopDevice, temporaryFolder } from "./loop-device.ts";
import { demoSystem, runMkimage } from "./mkimage.ts";
import { isLong } from "../together/is-long.ts";

// Trees with bcachefs on a machine that has neither its programs nor its kernel module: what is lacking is said before
// anything is changed.

const missing = lookUpProgram("bcachefs") === undefined ? test.serial : test.serial.skip;
const ownFormat = { type: "filesystem", format: "bcachefs", mountpoint: "/" };
const member = { type: "bcachefs", filesystem: "pool" };
const pool = { mountpoint: "/", subvolumes: { home: { mountpoint: "/home" } } };

/** A disk that holds something, a tree that wants bcachefs on a partition of it, and what the disk's bytes are. */
function scene(t: ExecutionContext, content: object) {
  const { path: device, file } = loopDevice(t, { size: 64 * 2 ** 20 });
  judge("mkfs.ext4", "-q", "-L", "precious", device);
  const folder = temporaryFolder(t);
  const tree = join(folder, "disk.json");
  const groups = content === member ? { bcachefs_filesystems: { pool } } : {};
  const gpt = { type: "gpt", partitions: { root: { size: "100%", content } } };
  writeFileSync(tree, JSON.stringify({ disk: { main: { device, imageSize: "1G", content: gpt } }, ...groups }));
  return { device, folder, tree, sum: () => judge("sha256sum", file) };
}

const always = [["a member of a filesystem", member, "bcachefs"]] as const;
const long = [["a partition of its own", ownFormat, "mkfs.bcachefs"]] as const;
for (const [what, content, program] of isLong ? [...always, ...long] : always) {
  missing(`disko and install say which program and which module ${what} lacks, and change nothing`, async (t) => {
    const { folder, tree, device, sum } = scene(t, content);
    const before = sum();
    const root = join(folder, "root");
    mkdirSync(root);
    const consent = "--yes-wipe-all-disks";
    const disko = ["disko", "--mode", "destroy,format,mount", "--root-mountpoint", root, tree, consent];
    const own = ["--devices", tree, "--disk", "main", device, "--mount-point", root, consent];
    for (const words of [disko, ["install", demoSystem("none"), ...own]]) {
      const { exitCode, stderr } = await runMkimage(words);
      t.is(exitCode, 5, stderr);
      t.true(stderr.includes(`programs are not installed: ${program}; `), stderr);
      t.regex(stderr, /this machine's kernel cannot mount bcachefs$/m);
      t.regex(stderr, /bcachefs: apt-get install bcachefs-tools, or nix-shell -p bcachefs-tools/);
      t.regex(stderr, /bcachefs: a kernel with the module bcachefs/);
      t.regex(stderr, /nothing was changed/);
      t.is(sum(), before);
    }
  });

  missing(`build says which program, and then which module, a guest lacks for ${what}`, async (t) => {
    const { folder, tree } = scene(t, content);
    const kernel = execFileSync("fixtures/kernel", { encoding: "utf8" }).trim();
    const out = join(folder, "out");
    mkdirSync(join(folder, "files"));
    const words = ["build", "--root", join(folder, "files"), "--devices", tree, "--vm-kernel", kernel, "--out", out];
    const first = await runMkimage(words);
    t.is(first.exitCode, 5, first.stderr);
    t.true(first.stderr.includes(`the program ${program} is not installed`), first.stderr);
    t.regex(first.stderr, /apt-get install bcachefs-tools, or nix-shell -p bcachefs-tools/);
    t.false(existsSync(out));

    // As on a machine that has the programs, of which nothing but their version is asked before the module is missed.
    const programs = join(folder, "programs");
    mkdirSync(programs);
    for (const name of ["bcachefs", "mkfs.bcachefs", "mount.bcachefs"]) {
      writeFileSync(join(programs, name), '#!/bin/sh\n[ "$1" = --version ] && echo 1.0\n');
      chmodSync(join(programs, name), 0o755);
    }
    const PATH = `${programs}:${process.env["PATH"]}`;
    const second = await runMkimage(words, { environment: { PATH } });
    t.is(second.exitCode, 2, second.stderr);
    t.regex(second.stderr, /the kernel in .* cannot run the guest: it lacks bcachefs$/m);
    t.false(existsSync(out));
  });
}
