import { execFileSync } from "node:child_process";
import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { cpioArchive } from "../../src/guest/cpio.ts";
import { findTool } from "../../src/runtime/tools.ts";
import { temporaryFolder } from "../image/folder.ts";

test("busybox unpacks what was packed: contents of any length, modes, symlinks and the folders between", (t) => {
  const folder = temporaryFolder(t);
  const contents = Array.from({ length: 9 }, (_, length) => Buffer.alloc(length, "x"));
  const archive = cpioArchive([
    { path: "init", type: "file", mode: 0o755, bytes: Buffer.from("#!/bin/sh\n") },
    { path: "bin/sh", type: "symlink", mode: 0o777, bytes: Buffer.from("busybox") },
    ...contents.map((bytes, index) => ({
      path: `a/b/${"n".repeat(index + 1)}`,
      type: "file" as const,
      mode: 0o600,
      bytes,
    })),
  ]);
  execFileSync(findTool("busybox"), ["cpio", "-i", "-d"], {
    cwd: folder,
    input: archive,
    stdio: ["pipe", "ignore", "ignore"],
  });
  t.is(lstatSync(join(folder, "init")).mode & 0o7777, 0o755);
  t.is(readlinkSync(join(folder, "bin/sh")), "busybox");
  for (const [index, bytes] of contents.entries()) {
    const path = join(folder, "a/b", "n".repeat(index + 1));
    t.deepEqual(readFileSync(path), bytes);
    t.is(lstatSync(path).mode & 0o7777, 0o600);
  }
});

test("the same entries give the same bytes", (t) => {
  const entries = [{ path: "a/b", type: "file", mode: 0o644, bytes: Buffer.from("b") }] as const;
  t.deepEqual(cpioArchive(entries), cpioArchive(entries));
});

test("every part is aligned to four bytes, so that archives can follow one another", (t) => {
  for (let length = 0; length < 5; length += 1) {
    const entry = { path: "x".repeat(length + 1), type: "file", mode: 0o644, bytes: Buffer.alloc(length) } as const;
    t.is(cpioArchive([entry]).length % 4, 0);
  }
});
