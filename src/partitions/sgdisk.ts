import type { GptLayout, HybridEntry } from "../layout/layout.ts";

/** The arguments of sgdisk that check both copies of a GPT, and change nothing. */
export function sgdiskVerifyArguments(path: string): string[] {
  return ["--verify", path];
}

/** The arguments of sgdisk that put a GPT's hybrid partitions into its MBR. */
export function hybridMbrArguments(table: GptLayout, path: string): string[] {
  const numbers = hybridEntries(table).map(({ number }) => number);
  const places = table.hybridMbr === "protective-last" ? [...numbers, "EE"] : numbers;
  return ["--hybrid", places.join(":"), path];
}

/** One run of sfdisk for each type byte and active flag of a hybrid MBR that sgdisk would not set so. */
export function hybridEntryArguments(table: GptLayout, path: string): string[][] {
  const entries = hybridEntries(table);
  const types = entries.flatMap(({ type, index }) =>
    type === null ? [] : [["--part-type", path, String(index), type.toString(16)]],
  );
  const active = entries.filter((entry) => entry.active).map(({ index }) => String(index));
  const commands = active.length === 0 ? types : [...types, ["--activate", path, ...active]];
  return commands.map((command) => ["--quiet", "--no-reread", "--no-tell-kernel", "--label-nested", "dos", ...command]);
}

/** The hybrid partitions with their places in the MBR, from 1 on. */
function hybridEntries(table: GptLayout): (HybridEntry & { number: number; index: number })[] {
  const offset = table.hybridMbr === "protective-first" ? 2 : 1;
  return table.partitions
    .flatMap(({ number, hybrid }) => (hybrid === null ? [] : [{ number, ...hybrid }]))
    .map((entry, index) => ({ ...entry, index: index + offset }));
}
