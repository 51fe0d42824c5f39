import test from "ava";
import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { contentOf } from "../../src/manifest/file-content.ts";
import type { FileInode } from "../../src/manifest/inode.ts";
import { readTree } from "../../src/manifest/read-folder.ts";
import { scratchFolder } from "../nix/nix.ts";
import { asIs } from "./as-is.ts";

const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

function fileOf(name: string, text: string): { path: string; inode: FileInode } {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return { path, inode: readTree(path, asIs) as FileInode };
}

test("a file's content has its bytes, and zeros where it has a hole", (t) => {
  t.deepEqual(contentOf(fileOf("whole", "01234").inode), Buffer.from("01234"));
  const bytes = { source: { kind: "bytes", bytes: Buffer.from("ab") }, offset: 2, length: 2 } as const;
  const made = { type: "file", mode: 0o644, uid: 0, gid: 0, mtime: { seconds: 0, nanoseconds: 0 }, size: 6 } as const;
  t.deepEqual(contentOf({ ...made, content: [bytes] }), Buffer.from("\0\0ab\0\0"));
});

test("a file that has become shorter, or is gone, is not taken for zeros", (t) => {
  const { path, inode } = fileOf("shorter", "0123456789");
  truncateSync(path, 4);
  t.throws(() => contentOf(inode), { code: "SOURCE_CHANGED", message: /it ends at byte 4/ });
  rmSync(path);
  t.throws(() => contentOf(inode), { code: "SOURCE_CHANGED", message: /it is gone/ });
});
