import { closeSync, openSync, readSync, writeSync } from "node:fs";
import {
  type ArrayMember,
  outOfStep,
  readSuperblock,
  superblockOffset,
  superblockSize,
} from "../structures/md/superblock.ts";
import type { DiskLayout, Layout } from "../layout/layout.ts";
import { contentsOn, mirrorOf } from "./alone.ts";

/** The half of a mirror that a member's first bytes are; undefined for members of other arrays, and of one with a bitmap. */
export function mirrorHalf(bytes: Buffer): ArrayMember | undefined {
  const member = readSuperblock(bytes.subarray(superblockOffset, superblockOffset + superblockSize));
  return member?.level === 1 && !member.hasOthers ? member : undefined;
}

/**
 * Has the mirrors of a disk that a guest has made brought into step when they are next started, as mdadm has those that it makes: where
 * nothing was written, their halves will be what each disk held before.
 *
 * @param path the file of the disk.
 */
export function leaveOutOfStep(layout: Layout, disk: DiskLayout, path: string): void {
  const places = contentsOn(disk).flatMap((content) => {
    const isHalf = content.kind === "member" && mirrorOf(content, layout) !== undefined;
    return isHalf && content.place !== null ? [content.place.offset] : [];
  });
  if (places.length === 0) return;
  const file = openSync(path, "r+");
  try {
    for (const place of places) {
      const bytes = Buffer.alloc(superblockOffset + superblockSize);
      readSync(file, bytes, 0, bytes.length, place);
      if (mirrorHalf(bytes) === undefined) continue;
      writeSync(file, outOfStep(bytes.subarray(superblockOffset)), 0, superblockSize, place + superblockOffset);
    }
  } finally {
    closeSync(file);
  }
}
