import { type NixValue, nixValue } from "../../nix/nix-text.ts";
import type { NixosSettings } from "../content-type.ts";
import type { DeviceTree } from "../device-tree.ts";
import { contentTypeOf, unitTypeOf } from "../registry.ts";
import { locatedContentsOf } from "../tree/contents.ts";
import { sorted } from "../tree/locate.ts";
import { unitEntries } from "../tree/unit-entries.ts";
import { unitsOf } from "../tree/units.ts";
import { mergeSettings } from "./merge.ts";

/**
 * The NixOS module of a tree, as text: what has to be mounted, swapped to and unlocked at boot, and where GRUB goes. Devices
 * are named as the installed system names them. Pure.
 */
export function nixosModule(tree: DeviceTree): string {
  const contents = locatedContentsOf(unitsOf(tree));
  const settings = mergeSettings([
    { fileSystems: {} },
    ...contents.map((located) => contentTypeOf(located.node).nixos?.(located) ?? {}),
    ...unitEntries(tree).map(({ kind, node, name }) => unitTypeOf(kind).nixos?.(node, name) ?? {}),
  ]);
  const lines = sorted(settings).map(([name, value]) => `  ${name} = ${nixValue(sortedSet(value), "  ")};\n`);
  return `# The disks of this machine, from its device tree.\n{\n${lines.join("")}}\n`;
}

function sortedSet(value: NixValue): NixValue {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(sorted(value as NixosSettings));
}
