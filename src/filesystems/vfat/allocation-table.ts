import {
  endOfChain,
  type FatBits,
  fatEntryAt,
  firstCluster,
  writeFatEntry,
} from "../../structures/fat/allocation-table.ts";
import { fixedMedia } from "../../structures/fat/boot-sector.ts";
import type { FatAllocation } from "./allocation.ts";

/** The file allocation table up to its last entry in use; what follows are zeros. */
export function tableBytes({ runs, next }: FatAllocation, bits: FatBits): Uint8Array {
  const length = Math.ceil((next * bits) / 8);
  const bytes = Buffer.alloc(length + 1);
  const write = (cluster: number, value: number): void =>
    writeFatEntry(bits, bytes, cluster, fatEntryAt(bits, cluster), value);
  const end = endOfChain(bits);
  write(0, end - 0xff + fixedMedia);
  write(firstCluster - 1, end); // all bits set: unmounted cleanly, no disk errors
  for (const { first, count } of runs.values()) {
    for (let index = 1; index < count; index += 1) write(first + index - 1, first + index);
    if (count > 0) write(first + count - 1, end);
  }
  return bytes.subarray(0, length);
}
