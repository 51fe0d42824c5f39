import test from "ava";
import { smallestFatSize } from "../../../src/filesystems/vfat/needs.ts";
import { type FatOptions, planFat } from "../../../src/filesystems/vfat/plan.ts";
import { MkimageError } from "../../../src/base/errors.ts";
import { GiB, MiB, TiB } from "../../../src/base/units.ts";
import type { DirectoryInode, Inode } from "../../../src/manifest/inode.ts";
import { directory, file } from "./tools.ts";

const options: FatOptions = { label: "ESP", volumeId: 1, time: 1, sectorSize: 512, variant: "auto" };
const attributes = { mode: 0o644, uid: 0, gid: 0, mtime: { seconds: 1, nanoseconds: 0 } };

function refusal(root: DirectoryInode, size = 64 * MiB, changes: Partial<FatOptions> = {}): MkimageError {
  try {
    planFat(root, size, { ...options, ...changes });
  } catch (error) {
    if (error instanceof MkimageError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

for (const [name, reason] of [
  ["a:b", /"\/sub\/a:b": the name has the character ":"/],
  ["what?", /has the character "\?"/],
  ["back\\slash", /has the character/],
  ["line\nbreak", /has the character/],
  ["dot.", /ends with a dot or a space/],
  ["space ", /ends with a dot or a space/],
  ["x".repeat(256), /more than 255 characters/],
  ["nul.txt", /DOS device/],
] as const) {
  test(`the name ${JSON.stringify(name.slice(0, 20))} is refused with its path`, (t) => {
    const error = refusal(directory({ sub: directory({ [name]: file("") }) }));
    t.is(error.code, "BAD_REQUEST");
    t.regex(error.message, reason);
  });
}

test("a name that is no UTF-8 is refused", (t) => {
  const root = { ...directory(), entries: new Map([["\xff\xfe", file("")]]) };
  t.regex(refusal(root).message, /is no valid UTF-8/);
});

test("a name of 255 characters is accepted", (t) => {
  t.notThrows(() => planFat(directory({ ["ä".repeat(255)]: file("") }), MiB, options));
});

test("names that differ in case alone are refused", (t) => {
  t.regex(refusal(directory({ "Ärger.txt": file(""), "ärger.TXT": file("") })).message, /same name but for its case/);
});

for (const [what, inode] of [
  ["symlink", { ...attributes, type: "symlink", target: "x" }],
  ["character device", { ...attributes, type: "character-device", major: 1, minor: 3 }],
  ["fifo", { ...attributes, type: "fifo" }],
] as const satisfies readonly (readonly [string, Inode])[]) {
  test(`a ${what} is refused with its path`, (t) => {
    t.regex(refusal(directory({ thing: inode })).message, new RegExp(`"/thing": it is a ${what}`));
  });
}

test("a file of 4 GiB is refused, one byte less is not", (t) => {
  t.regex(
    refusal(directory({ big: { ...file(""), size: 4 * GiB } }), 8 * GiB).message,
    /"\/big": it has 4 GiB or more/,
  );
  t.notThrows(() => planFat(directory({ big: { ...file(""), size: 4 * GiB - 1 } }), 8 * GiB, options));
});

test("all faults are listed at once", (t) => {
  const error = refusal(directory({ "a:": file(""), "b?": file(""), c: { ...attributes, type: "socket" } }));
  t.is([error.message, ...error.details].length, 3);
});

test("too small: the error says the size that is needed, and that size is enough", (t) => {
  const root = directory({ big: file(new Uint8Array(3 * MiB)) });
  const error = refusal(root, 2 * MiB);
  t.is(error.code, "DOES_NOT_FIT");
  const needed = Number(/at least (\d+) bytes/.exec(error.hint ?? "")?.[1]);
  t.is(planFat(root, needed, options).freeBytes < 512, true);
  t.is(refusal(root, needed - 512).code, "DOES_NOT_FIT");
});

test("a size that is no whole number of sectors, or more than 32 bits of them, is refused", (t) => {
  t.is(refusal(directory(), MiB + 512, { sectorSize: 4096 }).code, "BAD_REQUEST");
  t.is(refusal(directory(), 2 * TiB).code, "BAD_REQUEST");
});

test("FAT32 that was asked for and cannot be is refused", (t) => {
  t.is(refusal(directory(), 20 * MiB, { variant: 32 }).code, "DOES_NOT_FIT");
});

for (const label of ["TWELVE CHARS", "a/b", " x", "Ä"]) {
  test(`the label ${JSON.stringify(label)} is refused`, (t) => {
    t.is(refusal(directory(), MiB, { label }).code, "BAD_REQUEST");
  });
}

test("the smallest size leaves the additional space free, at every size at which the kind changes", (t) => {
  const root = directory({ kernel: file(new Uint8Array(300_000)), "a long name": directory() });
  for (const sectorSize of [512, 4096] as const) {
    for (const megabytes of [
      0, 1, 1.7, 1.9, 2, 3, 15, 16, 30, 31.8, 32, 33, 60, 64, 65, 130, 255, 256, 257, 300, 8190, 8192,
    ]) {
      const additionalSpace = Math.round(megabytes * MiB);
      const needs = { ...options, sectorSize };
      const size = smallestFatSize(root, additionalSpace, needs);
      t.true(planFat(root, size, needs).freeBytes >= additionalSpace);
      const below = () => planFat(root, size - sectorSize, needs).freeBytes;
      t.true(isRefused(below) || below() < additionalSpace, `${megabytes} MiB, ${sectorSize}`);
    }
  }
});

function isRefused(action: () => unknown): boolean {
  try {
    action();
    return false;
  } catch {
    return true;
  }
}
