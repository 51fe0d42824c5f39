import type { Installation } from "../bootloaders/installation.ts";
import { swapHeader } from "../filesystems/swap/header.ts";
import { bytesExtent, shiftExtents } from "../image/extent.ts";
import type { Image } from "../image/image.ts";
import { joinExtents, type PlacedExtents } from "../image/overlay.ts";
import type { DiskLayout } from "../layout/layout.ts";
import { tableExtents } from "../partitions/table-extents.ts";
import type { ImagePlan } from "./plan/image-plan.ts";

/**
 * A disk of a plan as an image: its partition table, its boot code, and every filesystem that we write;
 * the places of those that a guest makes stay empty. Nothing is read from the files before a sink asks for it.
 */
export async function assemble(
  plan: ImagePlan,
  disk: DiskLayout,
  bootCode: Installation["bootCode"],
  scratchFolder: string,
): Promise<Image> {
  const table = disk.table === null ? [] : await tableExtents(disk, scratchFolder);
  const single = [...table, ...(bootCode.get(disk.name) ?? [])].map((extent) => ({
    start: extent.offset,
    extents: [extent],
  }));
  const filesystems = plan.filesystems.flatMap((planned): PlacedExtents[] => {
    const { filesystem, plan: solved } = planned;
    const { place } = filesystem;
    if (place?.disk !== disk.name || solved.madeBy === "guest") return [];
    return [{ start: place.offset, extents: shiftExtents(solved.extents(), place.offset) }];
  });
  return { size: disk.size, extents: joinExtents([...single, ...filesystems, ...swapSpace(disk)]) };
}

/** Swap space is known by its first page. With a random key at each boot there is nothing to know it by. */
function swapSpace({ table, content }: DiskLayout): PlacedExtents[] {
  const contents = [content, ...(table?.partitions ?? []).map((partition) => partition.content)];
  return contents.flatMap((each) => {
    if (each?.kind !== "swap" || each.place === null || each.randomEncryption) return [];
    const { offset } = each.place;
    const header = swapHeader(each.size, { uuid: each.uuid, label: each.label ?? "" });
    return [{ start: offset, extents: [bytesExtent(offset, header)] }];
  });
}
