import { lengthOf, type Span } from "../../layout/span.ts";
import type { BlockFacts } from "./facts.ts";
import type { TreeReader } from "./reading.ts";

interface TablePartition extends Span {
  readonly number: number;
}

/**
 * The device of a partition, where there is one at the place that the table says: the kernel may have read the table before it
 * was changed, or not at all.
 */
export function deviceOfPartition(
  { partitions, sectorSize, path: disk = "DISK" }: BlockFacts,
  { number, first, last }: TablePartition,
  path: string,
  reader: TreeReader,
): BlockFacts | undefined {
  const seen = partitions.find((one) => one.number === number);
  const size = lengthOf({ first, last }) * sectorSize;
  if (seen?.offset === first * sectorSize && seen.size === size) return reader.device(seen.name);
  const fault =
    seen === undefined
      ? "there is no device for it, so that what is in it is not known"
      : `its device ${seen.name} is at another place than the table says, or has another size`;
  const reason = `${fault}; the kernel reads the table again by partx --update ${disk}`;
  reader.note(path, reason);
  reader.know(path, undefined, { obstacle: reason });
  return undefined;
}
