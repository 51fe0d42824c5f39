import { MiB, type Bytes, type Sectors } from "../../../base/units.ts";
import { lengthOf } from "../../../layout/span.ts";
import type { MsdosPartitionFacts, TableFacts } from "../../../partitions/table-facts.ts";
import { isExtendedType, mbrTypes } from "../../../structures/mbr/partition-types.ts";
import type { BlockFacts } from "../../found/facts.ts";
import { faultOverlaps } from "../../found/overlaps.ts";
import type { ContentReading, FoundPlace, NodeText, TreeReader } from "../../found/reading.ts";
import { deviceOfPartition } from "../../found/partition-device.ts";
import { partedWordsOf } from "./types.ts";

/** An msdos table as it is on a disk. A GPT is read as type `gpt`, which says more. */
export const tableReading: ContentReading = {
  fills: ({ table, mark }) => table?.kind === "msdos" && mark.type === null,
  read: readTableNode,
};

function readTableNode(block: BlockFacts, at: FoundPlace, reader: TreeReader): NodeText {
  const { signature, partitions } = block.table as Extract<TableFacts, { kind: "msdos" }>;
  noteNumbers(partitions, at, reader);
  const [primary, logical] = [partitions.filter(isPrimary), partitions.filter((one) => !isPrimary(one))];
  faultOverlaps(primary, at.path, reader);
  faultOverlaps([...primary.filter(({ type }) => !isExtendedType(type)), ...logical], at.path, reader);
  return {
    type: "table",
    format: "msdos",
    signature: `0x${signature.toString(16).padStart(8, "0")}`,
    partitions: partitions.map((facts, index) =>
      partitionNode(facts, { index, path: `${at.path}.partitions[${index}]` }, block, at, reader),
    ),
  };
}

/** In a tree the primary partitions count from 1 on, in their order, and the logical ones from 5. */
function noteNumbers(partitions: readonly MsdosPartitionFacts[], { path }: FoundPlace, reader: TreeReader): void {
  const numbers = partitions.map(({ number }) => number);
  const primary = numbers.filter((number) => number < firstLogical);
  if (primary.every((number, index) => number === index + 1)) return;
  reader.note(
    path,
    `its partitions have the numbers ${numbers.join(", ")}; those of a tree count from 1 on without a gap`,
  );
}

const firstLogical = 5;

function isPrimary({ number }: MsdosPartitionFacts): boolean {
  return number < firstLogical;
}

function partitionNode(
  facts: MsdosPartitionFacts,
  { index, path }: { readonly index: number; readonly path: string },
  block: BlockFacts,
  at: FoundPlace,
  reader: TreeReader,
) {
  const { number, first, last, active } = facts;
  const isExtended = isExtendedType(facts.type);
  // The device of an extended partition has room for a bootloader only.
  const device = isExtended ? undefined : deviceOfPartition(block, facts, path, reader);
  const place = { offset: first * block.sectorSize, number };
  reader.know(path, device, {
    place,
    size: lengthOf(facts) * block.sectorSize,
    // When another has gone, the same path is the next one's.
    doubt: number === index + 1 ? undefined : `it is partition ${number}, and its path counts ${index + 1}`,
  });
  const inside = { path: `${path}.content`, holder: `${at.holder}-${number}`, mayBeTable: false };
  return {
    ...(isExtended ? { "part-type": "extended" } : number >= firstLogical ? { "part-type": "logical" } : {}),
    ...wordsOf(facts, path, reader),
    start: positionText(first, block.sectorSize, "s"),
    end: positionText(last + 1, block.sectorSize, "last"),
    ...(active ? { bootable: true } : {}),
    content: isExtended ? null : reader.content(device, inside),
  };
}

function wordsOf({ type }: MsdosPartitionFacts, path: string, reader: TreeReader): NodeText {
  const words = isExtendedType(type) ? {} : partedWordsOf(type);
  const made = isExtendedType(type) ? mbrTypes.extendedLba : mbrTypes.linux;
  const isSaid = words !== undefined && (!isExtendedType(type) || type === made);
  if (!isSaid) reader.note(path, `its type is ${byteText(type)}; a tree makes ${byteText(made)}`);
  return words ?? {};
}

function byteText(type: number): string {
  return type.toString(16).padStart(2, "0");
}

/** In MiB where it is a multiple: as an end, that is the first sector outside. */
function positionText(sector: Sectors, sectorSize: Bytes, as: "s" | "last"): string {
  const bytes = sector * sectorSize;
  if (bytes % MiB === 0) return `${bytes / MiB}MiB`;
  return `${as === "last" ? sector - 1 : sector}s`;
}
