import type { FatAllocation } from "./allocation.ts";
import { mediaDescriptor } from "./boot-sector.ts";
import type { FatBits } from "./geometry.ts";

/** The file allocation table up to its last entry in use; what follows are zeros. */
export function tableBytes({ runs, next }: FatAllocation, bits: FatBits): Uint8Array {
  const bytes = Buffer.alloc(Math.ceil((next * bits) / 8) + 1);
  const write = writers[bits];
  const end = 2 ** Math.min(bits, 28) - 1;
  write(bytes, 0, end - 0xff + mediaDescriptor);
  write(bytes, 1, end); // all bits set: unmounted cleanly, no disk errors
  for (const { first, count } of runs.values()) {
    for (let index = 1; index < count; index += 1) write(bytes, first + index - 1, first + index);
    if (count > 0) write(bytes, first + count - 1, end);
  }
  return bytes.subarray(0, Math.ceil((next * bits) / 8));
}

type EntryWriter = (bytes: Buffer, cluster: number, value: number) => void;

const writers: Readonly<Record<FatBits, EntryWriter>> = {
  12: (bytes, cluster, value) => {
    const offset = Math.floor((cluster * 3) / 2);
    const shifted = cluster % 2 === 0 ? value : value << 4;
    bytes.writeUInt16LE(bytes.readUInt16LE(offset) | shifted, offset);
  },
  16: (bytes, cluster, value) => void bytes.writeUInt16LE(value, cluster * 2),
  32: (bytes, cluster, value) => void bytes.writeUInt32LE(value, cluster * 4),
};
