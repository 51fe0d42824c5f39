import { formatSize, roundDown, type Bytes } from "../../base/units.ts";
import { hasBootMark } from "../../structures/mbr/sector.ts";
import { bufferOver } from "../../structures/record.ts";
import { relocateGpt } from "../relocate-gpt.ts";
import { furthestEnd, lastPartition } from "./last-partition.ts";

/** An image and the device that it is made to fit. */
interface GrowSpace {
  readonly imageSize: Bytes;
  readonly deviceSize: Bytes;
  readonly sectorSize: Bytes;
}

/** A disk whose last partition reaches to the device's end. */
export interface GrownTable {
  /** The disk's first bytes; with a GPT that fits the device. */
  readonly head: Uint8Array;
  /** The name of the growing part, for people. */
  readonly name: string;
  readonly start: Bytes;
  readonly oldSize: Bytes;
  readonly size: Bytes;
}

/**
 * Plans the growth of an image on a device: of its last partition, or of the whole where it has no partitions. Returns
 * the reason where nothing grows. Pure.
 *
 * @throws MkimageError BAD_IMAGE when the table is damaged.
 */
export function planGrowth(head: Uint8Array, space: GrowSpace): GrownTable | string {
  // The table is checked before anything in it is believed.
  relocateGpt(head, space);
  const partition = lastPartition(head, space.sectorSize);
  if (partition === undefined) return planWithoutTable(head, space);
  const { start, size: oldSize, number } = partition;
  const name = `partition ${number}`;
  const end = furthestEnd(head, space.deviceSize, space.sectorSize);
  if (end <= start + oldSize) return `nothing to grow: ${name} reaches to the device's end already`;
  const grown = partition.endingAt(end);
  return { head: relocateGpt(grown, space)?.head ?? grown, name, start, oldSize, size: end - start };
}

/** A disk that is a single filesystem has no sign of a table in its first sector. */
function planWithoutTable(head: Uint8Array, { imageSize, deviceSize }: GrowSpace): GrownTable | string {
  if (hasBootMark(bufferOver(head))) return "nothing to grow: no primary partition is the last one";
  const size = roundDown(deviceSize, 4096);
  if (size <= imageSize) return "nothing to grow: the image fills the device already";
  return { head: new Uint8Array(), name: "the image", start: 0, oldSize: imageSize, size };
}

/** The growth of a partition, for people. */
export function describeGrowth({ name, oldSize, size }: GrownTable): string {
  return `${name} grows from ${formatSize(oldSize)} to ${formatSize(size)}`;
}
