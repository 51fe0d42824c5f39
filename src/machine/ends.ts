import { MiB, roundDown, roundUp, type Bytes } from "../base/units.ts";
import { directCopy, directMemory } from "./direct-memory.ts";
import { flushDevice, readDirect, writeDirect } from "./direct-io.ts";
import type { OpenDevice } from "./open-device.ts";
import type { PlacedBytes } from "./relocate-gpt.ts";

/**
 * How much of each end of a device can make it look like something: partition tables and boot code at the start, the
 * backup GPT at the end, and the labels of ZFS (512 KiB), md, LVM and the like at either.
 */
export const endSize: Bytes = MiB;

/** The bytes that are written last of all, and make the device bootable. */
export interface Ends {
  /** The image's first bytes, at most `endSize`. */
  readonly head: Uint8Array;
  /** The GPT at the device's end, where the image has one. */
  readonly backup: PlacedBytes | undefined;
}

/** Writes zeros over both ends, so that nothing finds what was there, and puts them on the medium. */
export async function clearEnds(open: OpenDevice): Promise<void> {
  const { size, sectorSize } = open.device;
  const zeros = directMemory(endSize).subarray(0, Math.min(endSize, roundDown(size, sectorSize)));
  await writeDirect(open, zeros, 0);
  await writeDirect(open, zeros, roundDown(size, sectorSize) - zeros.length);
  await flushDevice(open);
}

/**
 * Writes the backup GPT, then the first blocks, and of these the very first last: before that neither firmware nor a
 * kernel sees a table. A failure here leaves cleared ends behind.
 */
export async function writeEnds(
  open: OpenDevice,
  ends: Ends,
  onStep: (done: number, steps: number) => void,
): Promise<void> {
  const writes = [...endWrites(ends, open.device.sectorSize)];
  try {
    for (const [index, { offset, bytes }] of writes.entries()) {
      onStep(index, writes.length);
      await writeDirect(open, bytes, offset);
      await flushDevice(open);
    }
  } catch (error) {
    await clearEnds(open).catch(() => undefined);
    throw error;
  }
  onStep(writes.length, writes.length);
}

/** Where the device's ends differ from what was written there; undefined when they do not. */
export async function endsDifference(open: OpenDevice, ends: Ends): Promise<Bytes | undefined> {
  for (const { offset, bytes } of endWrites(ends, open.device.sectorSize)) {
    const found = directMemory(bytes.length).subarray(0, bytes.length);
    await readDirect(open, found, offset);
    if (Buffer.compare(bytes, found) !== 0) return offset;
  }
  return undefined;
}

/** The largest sector there is: the first one holds the boot sector on every disk. */
const firstBlock: Bytes = 4096;

/** The writes of `writeEnds`, in its order. */
export function* endWrites({ head, backup }: Ends, sectorSize: Bytes): Generator<PlacedBytes> {
  const first = roundUp(firstBlock, sectorSize);
  if (backup !== undefined) yield { offset: backup.offset, bytes: directCopy(backup.bytes, sectorSize) };
  if (head.length > first) yield { offset: first, bytes: directCopy(head.subarray(first), sectorSize) };
  yield { offset: 0, bytes: directCopy(head.subarray(0, first), sectorSize) };
}
