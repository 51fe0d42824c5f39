import { basename } from "node:path";
import { MkimageError } from "../../base/errors.ts";
import type { OpenImage } from "../../image/reading/open-image.ts";
import type { ReadDisk } from "../read-disk.ts";
import { programLimits } from "../../image/reading/program-limits.ts";
import { roundDown, type Sectors } from "../../base/units.ts";
import type { TableFacts } from "../../partitions/table-facts.ts";
import { run } from "../../runtime/run.ts";
import type { Tool } from "../../runtime/tools.ts";
import { isExtendedType } from "../../structures/mbr/partition-types.ts";
import { type Check, failed, noted, passed } from "./check.ts";

const subject = "table";

/** The partition table: both copies, their checksums, and that partitions lie on the disk and beside each other. */
export async function checkTable(disk: ReadDisk, signal: AbortSignal | undefined): Promise<Check> {
  const { table, tableFaults, tableNotes, image, sectorSize } = disk;
  if (table === null && tableFaults.length === 0) return noted(subject, "there is none");
  if (table === null) return failed(subject, "it cannot be read", tableFaults);
  const sectors = Math.floor(image.size / sectorSize);
  const own = [...tableFaults, ...outside(table, sectors), ...overlaps(table)];
  const judge = table.kind === "msdos" ? sfdiskFaults : sgdiskFaults;
  const faults = [...own, ...(await judge(disk, signal))];
  if (faults.length > 0) return failed(subject, "it is damaged", [...new Set(faults)]);
  const kind = table.kind === "gpt" ? "GPT, both copies" : "MBR";
  const text = `${kind}, ${table.partitions.length} partitions in sectors of ${sectorSize} bytes`;
  return passed(subject, [text, ...tableNotes].join("; "));
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
  const inOrder = partitions
    .filter(({ type }) => !isExtendedType(type))
    .toSorted((one, other) => one.first - other.first);
  return inOrder.flatMap(({ number, first }, index) => {
    const before = inOrder[index - 1];
    return before !== undefined && first <= before.last ? [`partitions ${before.number} and ${number} overlap`] : [];
  });
}

/** GPT fdisk takes a file for a disk with sectors of 512 bytes, and a size of whole sectors. */
async function sgdiskFaults({ image, sectorSize }: ReadDisk, signal: AbortSignal | undefined): Promise<string[]> {
  if (sectorSize !== 512 || roundDown(image.size, 512) !== image.size) return [];
  const { hasFailed, lines } = await heard("sgdisk", ["--verify", basename(await image.raw.whole())], image, signal);
  // It reads entries of 128 bytes only.
  if (lines.some((line) => line.includes("supports only 128-byte entries"))) return [];
  const faults = lines.filter((line) => /^(Problem|Warning|Error|Caution|Invalid)/i.test(line));
  if (!hasFailed) return lines.some((line) => line.startsWith("No problems found")) ? [] : faults;
  return faults.length > 0 ? faults : ["sgdisk cannot read it"];
}

/**
 * Asks sfdisk, which checks how logical partitions lie in an extended one. Its complaints about cylinders and heads do not
 * count: no disk has such a geometry any more, and no system reads it.
 */
async function sfdiskFaults({ image }: ReadDisk, signal: AbortSignal | undefined): Promise<string[]> {
  const { lines } = await heard("sfdisk", ["--verify", basename(await image.raw.whole())], image, signal);
  return lines.filter((line) => /^(Logical p|P)artition \d+:? .*(empty|overlaps|start-of-data|entirely in)/.test(line));
}

/** All that a judge says. Its exit code is one of its words. */
async function heard(
  tool: Tool,
  arguments_: readonly string[],
  { folder }: OpenImage,
  signal: AbortSignal | undefined,
) {
  const linesOf = (text: string): string[] => text.split("\n").filter((line) => line.trim() !== "");
  try {
    const { stdout, stderr } = await run(tool, arguments_, {
      signal,
      folder,
      deadlineSeconds: 60,
      limits: programLimits(0),
    });
    return { hasFailed: false, lines: linesOf(`${stdout}\n${stderr}`) };
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code !== "COMMAND_FAILED") throw error;
    return { hasFailed: true, lines: error.details.slice(1) };
  }
}
