import type { ReadDisk } from "../inspect/read-disk.ts";
import { type GptCopy, readGpt } from "../inspect/read-gpt.ts";
import { programLimits } from "../inspect/budget.ts";
import { Faults } from "../inspect/faults.ts";
import { roundDown, type Sectors } from "../layout/units.ts";
import type { TableFacts } from "../partitions/table-facts.ts";
import { run } from "../process/run.ts";
import { type Check, failed, noted, passed } from "./check.ts";

const subject = "table";

/** The partition table: both copies, their checksums, and that partitions lie on the disk and beside each other. */
export async function checkTable(disk: ReadDisk, signal: AbortSignal | undefined): Promise<Check> {
  const { table, tableFaults, image, sectorSize } = disk;
  if (table === null && tableFaults.length === 0) return noted(subject, "there is none");
  if (table === null) return failed(subject, "it cannot be read", tableFaults);
  const sectors = Math.floor(image.size / sectorSize);
  const own = [...tableFaults, ...outside(table, sectors), ...overlaps(table)];
  const faults =
    table.kind === "msdos" ? own : [...own, ...gptFaults(disk, sectors), ...(await sgdiskFaults(disk, signal))];
  const kind = table.kind === "gpt" ? "GPT, both copies" : "MBR";
  const text = `${kind}, ${table.partitions.length} partitions in sectors of ${sectorSize} bytes`;
  return faults.length === 0 ? passed(subject, text) : failed(subject, "it is damaged", [...new Set(faults)]);
}

function outside(table: TableFacts, sectors: Sectors): string[] {
  const [least, most] = table.kind === "gpt" ? [table.firstUsable, table.lastUsable] : [1, sectors - 1];
  return table.partitions.flatMap(({ number, first, last }) => {
    if (last >= sectors) return [`partition ${number} ends in sector ${last}, the disk in sector ${sectors - 1}`];
    if (last < first) return [`partition ${number} ends before it begins`];
    return first < least || last > most ? [`partition ${number} is outside of sectors ${least} to ${most}`] : [];
  });
}

/** Logical partitions lie inside an extended one, which is none of its own. */
function overlaps({ partitions }: TableFacts): string[] {
  const isExtended = ({ type }: { readonly type: string | number }): boolean =>
    [0x05, 0x0f, 0x85].some((x) => x === type);
  const inOrder = partitions.filter((each) => !isExtended(each)).toSorted((one, other) => one.first - other.first);
  return inOrder.flatMap(({ number, first }, index) => {
    const before = inOrder[index - 1];
    return before !== undefined && first <= before.last ? [`partitions ${before.number} and ${number} overlap`] : [];
  });
}

/** The backup must be where the primary says, at the disk's end, and say the same. */
function gptFaults({ image, sectorSize }: ReadDisk, sectors: Sectors): string[] {
  const faults = new Faults();
  const primary = faults.attempt("the primary table", () => readGpt(image.bytes, 1, sectorSize));
  if (primary === undefined) return faults.list;
  if (primary.alternate !== sectors - 1)
    faults.add(`its backup is said to be in sector ${primary.alternate}, the disk ends with sector ${sectors - 1}`);
  const backup = faults.attempt("the backup table", () => readGpt(image.bytes, primary.alternate, sectorSize));
  for (const fault of backup?.faults ?? []) faults.add(`the backup table: ${fault}`);
  if (backup !== undefined && !sameTable(primary, backup)) faults.add("the backup table says something else");
  return faults.list;
}

function sameTable({ table }: GptCopy, other: GptCopy): boolean {
  return JSON.stringify(table) === JSON.stringify(other.table);
}

/** GPT fdisk takes a file for a disk with sectors of 512 bytes, and a size of whole sectors. */
async function sgdiskFaults({ image, sectorSize }: ReadDisk, signal: AbortSignal | undefined): Promise<string[]> {
  if (sectorSize !== 512 || roundDown(image.size, 512) !== image.size) return [];
  const { stdout } = await run("sgdisk", ["--verify", image.raw], {
    signal,
    deadlineSeconds: 60,
    limits: programLimits(0),
  });
  if (/^No problems found/m.test(stdout)) return [];
  return stdout.split("\n").filter((line) => /^(Problem|Warning|Error|Caution)/i.test(line));
}
