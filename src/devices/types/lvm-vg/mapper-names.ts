import type { LvmVgNode } from "./schema.ts";

/** Returns the device-mapper names of volumes, with dashes doubled, and those of the sub-volumes that they consist of. */
export function mapperNames(group: string, lvs: LvmVgNode["lvs"]): string[] {
  return Object.values(lvs).flatMap(({ name }) => parts.map((part) => `${doubled(group)}-${doubled(name)}${part}`));
}

const parts = [
  "",
  "_tdata",
  "_tmeta",
  "-tpool",
  ...[0, 1, 2, 3, 4, 5].flatMap((part) => [`_rimage_${part}`, `_rmeta_${part}`, `_mimage_${part}`]),
];

function doubled(name: string): string {
  return name.replaceAll("-", "--");
}
