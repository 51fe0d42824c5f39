import { spawnSync } from "node:child_process";
import { gzipSync, zstdCompressSync } from "node:zlib";
import test from "ava";
import { hasProgram, memberAt, membersIn, readInitrd } from "../../../src/bootloaders/growth/initrd.ts";
import { findTool } from "../../../src/runtime/tools.ts";
import { archiveOf } from "./system-files.ts";

const archive = archiveOf({ init: "#!/bin/sh\n", "bin/sh": "program" });

for (const [name, compress] of [
  ["nothing", (bytes: Buffer) => bytes],
  ["gzip", gzipSync],
  ["zstd", zstdCompressSync],
  ["xz", (bytes: Buffer) => piped("xz", ["--check=crc32", "-c"], bytes)],
  ["lzma", (bytes: Buffer) => piped("xz", ["--format=lzma", "-c"], bytes)],
  ["bzip2", (bytes: Buffer) => piped("bzip2", ["-c"], bytes)],
] as const) {
  test(`an initrd compressed with ${name} is read`, async (t) => {
    const initrd = await readInitrd(compress(archive));
    t.is(initrd.fault, null);
    t.deepEqual([...initrd.members.keys()], ["init", "bin", "bin/sh"]);
    t.is(Buffer.from(initrd.members.get("bin/sh")?.bytes ?? []).toString(), "program");
  });
}

test("archives follow one another, as with microcode, and the last one wins", async (t) => {
  const microcode = archiveOf({ "kernel/x86/microcode/a.bin": "code", init: "none" });
  const initrd = await readInitrd(Buffer.concat([microcode, Buffer.alloc(508), gzipSync(archive)]));
  t.is(initrd.fault, null);
  t.true(initrd.members.has("kernel/x86/microcode/a.bin"));
  t.is(Buffer.from(initrd.members.get("init")?.bytes ?? []).toString(), "#!/bin/sh\n");
});

test("an archive by cpio itself is read", async (t) => {
  const { stdout } = spawnSync("cpio", ["--quiet", "-o", "-H", "newc"], {
    input: "./package.json\n./src\n",
    cwd: process.cwd(),
  });
  const initrd = await readInitrd(stdout);
  t.deepEqual([...initrd.members.keys()], ["package.json", "src"]);
  t.regex(Buffer.from(initrd.members.get("package.json")?.bytes ?? []).toString(), /"mkimage"/);
});

test("symlinks lead to members, in folders too", async (t) => {
  const files = { "nix/store/x-tools/bin/resize2fs": "program", bin: "→/nix/store/x-tools/bin", "etc/loop": "→loop" };
  const initrd = await readInitrd(archiveOf(files));
  t.is(memberAt(initrd, "/bin/resize2fs")?.path, "nix/store/x-tools/bin/resize2fs");
  t.deepEqual(
    membersIn(initrd, "bin").map(({ path }) => path),
    ["nix/store/x-tools/bin/resize2fs"],
  );
  t.is(memberAt(initrd, "etc/loop"), undefined);
  t.true(hasProgram(initrd, "resize2fs"));
  t.false(hasProgram(initrd, "resize2f"));
});

for (const [what, bytes, reason] of [
  ["cut off", archive.subarray(0, 200), /ends early/],
  ["with a damaged compressed part", gzipSync(archive).subarray(0, 60), /cannot be decompressed/],
  ["of an unknown compression", Buffer.from("0221184c00000000", "hex"), /not known here .*0221184c/],
  ["with something else in it", gzipSync(Buffer.from("no archive")), /no cpio archive/],
] as const) {
  test(`of an initrd ${what}, the rest is known to be missing`, async (t) => {
    t.regex((await readInitrd(bytes)).fault ?? "", reason);
  });
}

function piped(tool: "xz" | "bzip2", arguments_: string[], input: Buffer): Buffer {
  return spawnSync(findTool(tool), arguments_, { input }).stdout;
}
