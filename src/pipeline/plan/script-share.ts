import { mountpointsOf } from "../../devices/tree/mountpoints.ts";
import type { BootDevice, GuestInstallRequest } from "../../guest/install-job.ts";
import { installRequestOf, type InstallWishes } from "./install-request.ts";
import type { Step } from "../../steps/step.ts";
import { treeSteps } from "../../devices/steps/tree-steps.ts";
import type { Blueprint } from "./blueprint.ts";
import { deviceRules } from "./device-rules.ts";
import { diskSerial } from "./disk-serial.ts";
import { foldersOf, guestRoot } from "./guest-share.ts";
import type { MountedFiles } from "./filesystem-survey.ts";
import type { ImagePlan } from "./image-plan.ts";

/** The work of a guest on disks that an external script makes. */
export interface ScriptShare {
  /** Rules for udev, by which the script and the bootloader find the disks. */
  readonly rules: string;
  /** Where the script has to mount something. */
  readonly required: readonly string[];
  /** The files of the system, outer mount points first. */
  readonly folders: readonly MountedFiles[];
  /** Closes what is open when nothing is mounted any more. */
  readonly close: readonly Step[];
}

/** Derives the work of a guest on the disks of a script. Pure. */
export function scriptShareOf({ tree }: Blueprint, plan: ImagePlan, bootDevices: readonly BootDevice[]): ScriptShare {
  const { disks } = plan.layout;
  const byUdev = (name: string) => `/dev/disk/by-id/virtio-${diskSerial(name)}`;
  const devices = Object.fromEntries(disks.map(({ name, device }) => [name, device ?? byUdev(name)]));
  return {
    rules: deviceRules(plan.layout, bootDevices),
    required: mountpointsOf(tree),
    folders: foldersOf(plan.filesystems),
    close: treeSteps("unmount", tree, { root: guestRoot, devices }),
  };
}

/** The request to an installer there: udev knows the disks, and everything is mounted. */
export function installOnMounted(plan: ImagePlan, wishes: InstallWishes): GuestInstallRequest {
  return { ...installRequestOf(plan.layout, wishes), mounts: [], partitions: [], bootDevices: [] };
}
