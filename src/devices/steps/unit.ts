import type { DeviceTree } from "../device-tree.ts";
import type { StepContext } from "./context.ts";
import type { Unit } from "../tree/located.ts";
import { type NodeSteps, noSteps } from "../../steps/node-steps.ts";
import { bcachefsFilesystemSteps } from "../types/bcachefs-filesystem/steps.ts";
import { diskSteps } from "../types/disk/steps.ts";
import { lvmVgSteps } from "../types/lvm-vg/steps.ts";
import { mdadmSteps } from "../types/mdadm/steps.ts";
import { nodevSteps } from "../types/nodev/steps.ts";
import { zpoolSteps } from "../types/zpool/steps.ts";

/** The steps of a node of the top level, with all that it holds. */
export function unitSteps(tree: DeviceTree, unit: Unit, context: StepContext): NodeSteps {
  const { kind, key } = unit;
  const { disk, mdadm, lvm_vg, zpool, bcachefs_filesystems, nodev } = tree;
  if (kind === "disk" && disk[key] !== undefined) return diskSteps(unit, disk[key], context);
  if (kind === "mdadm" && mdadm[key] !== undefined) return mdadmSteps(unit, mdadm[key], context);
  if (kind === "lvm_vg" && lvm_vg[key] !== undefined) return lvmVgSteps(unit, lvm_vg[key], context);
  if (kind === "zpool" && zpool[key] !== undefined) return zpoolSteps(unit, zpool[key], context);
  if (kind === "nodev" && nodev[key] !== undefined) return nodevSteps(key, nodev[key], context);
  const filesystem = bcachefs_filesystems[key];
  return filesystem === undefined ? noSteps : bcachefsFilesystemSteps(unit, filesystem, context);
}
