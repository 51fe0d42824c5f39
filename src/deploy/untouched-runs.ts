import { closeSync, openSync, readSync } from "node:fs";
import { type Bytes, MiB } from "../base/units.ts";
import { volumeEdges } from "../devices/types/lvm-vg/volume-edges.ts";
import type { Run } from "../image/extent.ts";
import type { ContentLayout, DiskLayout } from "../layout/layout.ts";
import { endSize } from "../machine/ends.ts";
import type { ImagePlan } from "../pipeline/plan/image-plan.ts";
import { contentsOn, standsAlone } from "./alone.ts";
import { gapsBetween } from "./free-runs.ts";

/**
 * The runs of a disk that a guest has made which may hold anything, since the guest has written nothing there or near it, ascending:
 * within filesystems and physical volumes. Who makes them has to cope with what a disk held before, as on any disk that
 * is not new. Left out is the neighbourhood of all that was written, and both ends of what a signature could stand in: what
 * was there before could be taken for something. Of a filesystem that the host has laid out, holes may be zeros that it needs.
 *
 * @param data what the guest has written; zeros too.
 * @param path the file of the disk.
 */
export function untouchedRunsOf(plan: ImagePlan, disk: DiskLayout, data: readonly Run[], path: string): Run[] {
  return contentsOn(disk).flatMap((content) => {
    const { place, size } = content;
    if (place === null || !mayHoldAnything(content, plan)) return [];
    const edges = content.kind === "member" ? volumeEdges(firstBytes(path, place.offset)) : [];
    const kept = [...data, ...edges.map((edge) => ({ offset: place.offset + edge, length: 0 }))]
      .map(({ offset, length }) => ({ offset: offset - endSize, length: length + 2 * endSize }))
      .toSorted((one, other) => one.offset - other.offset);
    return gapsBetween(kept, place.offset + endSize, place.offset + size - endSize);
  });
}

function mayHoldAnything(content: ContentLayout, { layout, filesystems }: ImagePlan): boolean {
  switch (content.kind) {
    case "filesystem":
      return (
        filesystems.some(({ filesystem, plan }) => filesystem.path === content.path && plan.madeBy === "guest") &&
        // Arguments may name further devices, with parity over all of them.
        content.extraArgs.every((argument) => !argument.includes("/"))
      );
    case "member":
      return standsAlone([content], layout);
    case "container":
    case "swap":
      return false;
  }
}

/** As much as has LVM's label and text. */
function firstBytes(path: string, offset: Bytes): Buffer {
  const bytes = Buffer.alloc(2 * MiB);
  const descriptor = openSync(path, "r");
  try {
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, offset));
  } finally {
    closeSync(descriptor);
  }
}
