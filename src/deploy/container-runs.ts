import { closeSync, openSync, readSync } from "node:fs";
import { type Bytes, KiB } from "../base/units.ts";
import type { Run } from "../image/extent.ts";
import type { DiskLayout, Layout } from "../layout/layout.ts";
import { membersOn } from "../layout/nodes-of.ts";
import { endSize } from "../machine/ends.ts";
import { contentsOn, standsAlone } from "./alone.ts";

/**
 * The runs of a disk that a guest has made which may hold anything where the guest has written nothing, ascending: the
 * insides of LUKS containers. A cipher makes zeros of nothing, so that a hole there was never written or is given up, and is
 * noise to what is inside, whatever it holds. Left out are containers of which others hold checksums: members of arrays and of
 * groups of several.
 *
 * @param path the file of the disk: a container counts only if it is there, and encrypted.
 */
export function containerRunsOf(layout: Layout, disk: DiskLayout, path: string): Run[] {
  const containers = contentsOn(disk).filter((content) => content.kind === "container");
  return containers.flatMap((container) => {
    const { place, headerSize, size } = container;
    if (place === null || !standsAlone(membersOn(container), layout) || !isEncrypted(path, place.offset)) return [];
    const length = size - headerSize - endSize;
    return length > 0 ? [{ offset: place.offset + headerSize, length }] : [];
  });
}

/** Source: cryptsetup, docs/on-disk-format-luks2.pdf; its cipher that changes nothing. */
function isEncrypted(path: string, offset: Bytes): boolean {
  const header = Buffer.alloc(16 * KiB);
  const descriptor = openSync(path, "r");
  try {
    readSync(descriptor, header, 0, header.length, offset);
  } finally {
    closeSync(descriptor);
  }
  const text = header.toString("latin1");
  return text.startsWith("LUKS\xba\xbe") && !text.includes("cipher_null");
}
