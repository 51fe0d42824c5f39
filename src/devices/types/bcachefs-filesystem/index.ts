import { mountsWithSubvolumes } from "../../tree/mount.ts";
import { identified, named } from "../../tree/taken.ts";
import type { UnitType } from "../../unit-type.ts";
import { planBcachefs } from "./layout.ts";
import { bcachefsInNixos } from "./nixos.ts";
import { type BcachefsFilesystemNode, bcachefsFilesystems } from "./schema.ts";
import { bcachefsFilesystemSteps } from "./steps.ts";

/** A bcachefs filesystem on one or more members. */
export const bcachefsFilesystemType: UnitType<BcachefsFilesystemNode> = {
  description: "The bcachefs filesystems by name.",
  schema: () => bcachefsFilesystems,
  steps: bcachefsFilesystemSteps,
  plan: planBcachefs,
  takes: ({ uuid, subvolumes }, { name, key, path }) => [
    { what: `the name of a filesystem ${name}`, path },
    ...identified(uuid, path),
    ...named(subvolumes, `${path}.subvolumes`, `in ${key} the name`),
  ],
  mounts: mountsWithSubvolumes,
  nixos: bcachefsInNixos,
  keys: ({ passwordFile }) => ({ files: passwordFile === null ? [] : [passwordFile] }),
};
