import type { GptLayout, TableLayout } from "../layout/layout.ts";
import { run } from "../runtime/run.ts";
import { requireSameTable } from "./compare-table.ts";
import { readTable } from "./read-table.ts";
import { sfdiskArguments, sfdiskScript } from "./sfdisk.ts";
import { hybridEntryArguments, hybridMbrArguments, sgdiskVerifyArguments } from "./sgdisk.ts";

/**
 * Writes the partition table of a disk with sectors of 512 bytes into a file that has the disk's size, reads it back
 * and holds it against the plan. The boot code (bytes 0 to 439) stays as it is.
 *
 * @throws MkimageError MISMATCH when the file then says something else; COMMAND_FAILED when sgdisk finds fault with it.
 */
export async function writeTable(table: TableLayout, path: string): Promise<void> {
  await run("sfdisk", sfdiskArguments(path), { input: sfdiskScript(table) });
  if (table.kind === "gpt") {
    await writeHybridMbr(table, path);
    await run("sgdisk", sgdiskVerifyArguments(path));
  }
  requireSameTable(table, await readTable(path), path);
}

async function writeHybridMbr(table: GptLayout, path: string): Promise<void> {
  if (table.hybridMbr === null) return;
  await run("sgdisk", hybridMbrArguments(table, path));
  for (const arguments_ of hybridEntryArguments(table, path)) await run("sfdisk", arguments_);
}
