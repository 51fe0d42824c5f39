import type { BlockFacts } from "./facts.ts";

/** The group and the volume in the name of a mapped volume of LVM, in which hyphens of theirs are doubled; `undefined` for others. */
export function volumeOf({
  mapped,
}: Pick<BlockFacts, "mapped">): { readonly group: string; readonly volume: string } | undefined {
  if (mapped?.uuid.startsWith("LVM-") !== true) return undefined;
  const match = /^((?:[^-]|--)+)-((?:[^-]|--)+)$/.exec(mapped.name);
  const [, group, volume] = match?.map((part) => part.replaceAll("--", "-")) ?? [];
  return group === undefined || volume === undefined ? undefined : { group, volume };
}

/** The paths of a logical volume beside the one of the device mapper. */
export function lvmNamesOf(block: Pick<BlockFacts, "mapped">): string[] {
  const named = volumeOf(block);
  return named === undefined ? [] : [`/dev/${named.group}/${named.volume}`];
}
