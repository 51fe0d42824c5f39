import { closeSync, openSync, readSync } from "node:fs";
import { type Bytes, MiB } from "../base/units.ts";
import { volumeEdges } from "../devices/types/lvm-vg/volume-edges.ts";
import type { Run } from "../image/extent.ts";
import type { ContentLayout, DiskLayout, MemberLayout } from "../layout/layout.ts";
import { endSize } from "../machine/ends.ts";
import type { ImagePlan } from "../pipeline/plan/image-plan.ts";
import { contentsOn, isOnOneDevice, mirrorOf, standsAlone } from "./alone.ts";
import { gapsBetween } from "./free-runs.ts";
import { mirrorHalf } from "./mirrors.ts";

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
    const edges = content.kind === "member" ? edgesOf(content, firstBytes(path, place.offset), plan) : [];
    if (edges === undefined) return [];
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
        isOnOneDevice(content)
      );
    case "member":
      return standsAlone([content], layout) || mirrorOf(content, layout) !== undefined;
    case "container":
    case "swap":
      return false;
  }
}

/** Where what is in a member begins and ends, in bytes from its start; undefined where it is not what the plan says. */
function edgesOf(member: MemberLayout, bytes: Buffer, { layout }: ImagePlan): readonly Bytes[] | undefined {
  if (mirrorOf(member, layout) === undefined) return volumeEdges(bytes);
  const half = mirrorHalf(bytes);
  return half === undefined ? undefined : [half.dataStart, half.dataEnd];
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
