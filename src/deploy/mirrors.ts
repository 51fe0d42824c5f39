import { closeSync, openSync, readSync, writeSync } from "node:fs";
import type { Bytes } from "../base/units.ts";
import {
  type ArrayMember,
  bitmapHeadSize,
  outOfStep,
  readSuperblock,
  staleBitmap,
  superblockOffset,
  superblockSize,
} from "../devices/types/mdadm/superblock.ts";
import type { DiskLayout, Layout } from "../layout/layout.ts";
import { contentsOn, mirrorOf } from "./alone.ts";

/** The half of a mirror that a member's first bytes are; undefined for members of other arrays, and of one that is not whole. */
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
      const half = mirrorHalf(bytesAt(file, place, superblockOffset + superblockSize));
      if (half === undefined) continue;
      change(file, place + superblockOffset, superblockSize, outOfStep);
      if (half.bitmapStart !== undefined) change(file, place + half.bitmapStart, bitmapHeadSize, staleBitmap);
    }
  } finally {
    closeSync(file);
  }
}

function change(file: number, offset: Bytes, length: Bytes, to: (bytes: Buffer) => Buffer): void {
  writeSync(file, to(bytesAt(file, offset, length)), 0, length, offset);
}

function bytesAt(file: number, offset: Bytes, length: Bytes): Buffer {
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, offset);
  return bytes;
}
