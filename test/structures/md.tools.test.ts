import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { MiB } from "../../src/base/units.ts";
import { outOfStep, readSuperblock, superblockOffset, superblockSize } from "../../src/structures/md/superblock.ts";
import { findTool } from "../../src/runtime/tools.ts";
import { temporaryFolder } from "../image/folder.ts";
import { makeSuperblock } from "../devices/make-superblock.ts";

/** A member with this superblock. */
function memberWith(superblock: Buffer): Buffer {
  const bytes = Buffer.alloc(64 * MiB);
  superblock.copy(bytes, superblockOffset);
  return bytes;
}

/** Returns mdadm's report of bytes. */
function examined(t: ExecutionContext, bytes: Buffer): string {
  const path = join(temporaryFolder(t), "bytes");
  writeFileSync(path, bytes);
  return execFileSync(findTool("mdadm"), ["--examine", path], { encoding: "utf8" });
}

test("a half of a mirror is read as mdadm reads it", (t) => {
  const superblock = makeSuperblock({ level: 1 });
  const text = examined(t, memberWith(superblock));
  t.regex(text, /Raid Level : raid1\n[^]*Data Offset : 2048 sectors/);
  t.regex(text, /State : clean\n[^]*Checksum : \w+ - correct/);
  const start = MiB;
  t.deepEqual(readSuperblock(superblock), {
    level: 1,
    hasOthers: false,
    dataStart: start,
    dataEnd: start + 32 * MiB,
  });
});

test("an array that is left out of step is known to mdadm as one, and its superblock is whole", (t) => {
  const changed = outOfStep(makeSuperblock({ level: 1 }));
  t.regex(examined(t, memberWith(changed)), /State : active\n[^]*Checksum : \w+ - correct/);
  t.deepEqual(readSuperblock(changed), readSuperblock(makeSuperblock({ level: 1 })));
});

test("a member with a bitmap says that it has something else", (t) => {
  t.true(readSuperblock(makeSuperblock({ level: 1, bitmap: true }))?.hasOthers);
});

for (const [name, spoil] of Object.entries({
  "with another magic number": (bytes: Buffer) => bytes.writeUInt8(0, 0),
  "of another version": (bytes: Buffer) => bytes.writeUInt8(2, 4),
  "with a byte that changed": (bytes: Buffer) => bytes.writeUInt8(77, 200),
  "that is cut off": (bytes: Buffer) => bytes,
})) {
  test(`a superblock ${name} is none`, (t) => {
    const bytes = makeSuperblock({ level: 1 });
    spoil(bytes);
    t.is(readSuperblock(name.endsWith("cut off") ? bytes.subarray(0, superblockSize - 1) : bytes), undefined);
  });
}
