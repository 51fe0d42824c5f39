import { onDevice, sorted } from "../../tree/locate.ts";
import { named } from "../../tree/taken.ts";
import type { UnitType } from "../../unit-type.ts";
import { lvmVgReading } from "./found.ts";
import { lvmVgChanges } from "./changes.ts";
import { planVolumeGroup } from "./layout.ts";
import { mapperNames } from "./mapper-names.ts";
import { volumeModules } from "./modules.ts";
import { lvmInNixos } from "./nixos.ts";
import { type LvmVgNode, lvmVgSet } from "./schema.ts";
import { volumeGroupShell } from "./shell.ts";
import { lvmVgSteps } from "./steps.ts";

/** A volume group of LVM. */
export const lvmVgType: UnitType<LvmVgNode> = {
  description: "The volume groups by name.",
  schema: ({ partition }) => lvmVgSet(partition),
  steps: lvmVgSteps,
  contents: ({ lvs }, path) =>
    Object.entries(lvs).map(([key, { content }]) => ({ path: `${path}.lvs.${key}.content`, node: content })),
  inside: ({ lvs }, { path, name: group }) =>
    sorted(lvs).flatMap(([key, { content, name }]) =>
      onDevice(content, `${path}.lvs.${key}.content`, `/dev/${group}/${name}`, { type: "lv", key: name }),
    ),
  plan: planVolumeGroup,
  takes: ({ lvs }, { name, key, path }) => [
    { what: `the name of a volume group ${name}`, path },
    ...named(lvs, `${path}.lvs`, `in ${key} the name`),
  ],
  modules: ({ lvs }) => Object.values(lvs).flatMap(volumeModules),
  changes: lvmVgChanges,
  shell: volumeGroupShell,
  nixos: lvmInNixos,
  users: ({ lvs }, name) => [
    { kind: "group", name },
    ...mapperNames(name, lvs).map((mapped) => ({ kind: "lvm", name: mapped }) as const),
  ],
  found: lvmVgReading,
};
