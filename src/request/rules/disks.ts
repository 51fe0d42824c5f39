import type { Fault } from "../../base/schema/faults.ts";
import { layoutsWithEfiVariables } from "../../devices/presets/choices.ts";
import type { Request } from "../schema.ts";
import { type Namer, namesOf, type Rule } from "./rule.ts";

/** The rules where the disks are those of a device tree. */
export const rulesOfTrees: readonly Rule[] = [treeStandsAlone];

/** The rules where the disks are those of a partition table from this program. */
export const rulesOfPresets: readonly Rule[] = [
  efiVariablesNeedTheirLayouts,
  imageSizesNeedATree,
  scriptsNeedATree,
  bootPartitionHasRoom,
];

function treeStandsAlone({ partition, fsType, label }: Request, name: Namer): Fault | undefined {
  const extra = namesOf(name, {
    partition: partition !== undefined,
    fsType: fsType !== undefined,
    label: label !== undefined,
  });
  return extra && `${name("devices")}: the device tree says how disks are laid out; drop ${extra}`;
}

function efiVariablesNeedTheirLayouts({ touchEfiVars, partition }: Request, name: Namer): Fault | undefined {
  const layout = partition ?? "legacy";
  if (!touchEfiVars || layoutsWithEfiVariables.includes(layout)) return undefined;
  return `${name("touchEfiVars")}: not with ${name("partition")} ${layout}; use ${layoutsWithEfiVariables.join(", ")}`;
}

function imageSizesNeedATree({ imageSize }: Request, name: Namer): Fault | undefined {
  return imageSize.length > 0 ? `${name("imageSize")}: is for a device tree; use ${name("size")}` : undefined;
}

function scriptsNeedATree({ diskoScript }: Request, name: Namer): Fault | undefined {
  if (diskoScript === undefined) return undefined;
  return `${name("diskoScript")}: makes the disks of a device tree; give it as ${name("devices")}`;
}

/** MiB at which the boot partition begins, and the least that a filesystem there takes. */
const starts = { "legacy+boot": 1, efi: 8, hybrid: 8, efixbootldr: 100 };
const least = 4;

function bootPartitionHasRoom({ partition, bootSize }: Request, name: Namer): Fault | undefined {
  const start = starts[partition as keyof typeof starts] as number | undefined;
  if (start === undefined || bootSize >= (start + least) * 1024 ** 2) return undefined;
  return `${name("bootSize")}: is where the boot partition ends; with ${name("partition")} ${partition} at least ${start + least}M (given: ${bootSize} bytes)`;
}
