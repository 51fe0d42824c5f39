import type { DeviceTree } from "../../devices/device-tree.ts";
import { existsSync, realpathSync } from "node:fs";
import { findBootDevices } from "../../bootloaders/boot-settings.ts";
import { mountpointsOf } from "../../devices/tree/mountpoints.ts";
import { filesystemOf } from "../../filesystems/registry.ts";
import { MkimageError } from "../../base/errors.ts";
import { type Layout } from "../../layout/layout.ts";
import { formatSize } from "../../base/units.ts";
import { byteString } from "../../base/byte-string.ts";
import { namesOf } from "../../manifest/tree.ts";
import { locate, mountTable, reasonOf } from "../../devices/tree/mount-table.ts";
import type { SurveyedDisk } from "../survey.ts";
import type { PreparedInstall } from "./prepare-install.ts";

/**
 * Refuses, while nothing is changed, what would fail at the end: a tree without a root, extra files that no disk would hold, a
 * filesystem that the closure cannot fit on, and a bootloader that goes onto another disk than those of the tree.
 *
 * @throws MkimageError BAD_REQUEST, TOO_SMALL.
 */
export function checkDisks(
  { tree, closure, installation }: PreparedInstall,
  disks: readonly SurveyedDisk[],
  layout: Layout | undefined,
): void {
  if (!mountpointsOf(tree).includes("/")) {
    throw new MkimageError("BAD_REQUEST", "nothing of the device tree is mounted on /, where the system goes", {
      hint: "give the root filesystem the mount point /",
    });
  }
  const bytes = closure.paths.reduce((sum, { narSize }) => sum + narSize, 0);
  requirePlaces(installation.extraFiles, tree);
  if (layout !== undefined) requireRoom(layout, tree, bytes);
  if (installation.installsBootloader) requireOwnBootDevices(installation.toplevel, disks);
}

/** Refuses extra files whose place is on no disk: they would be gone after the first boot. */
function requirePlaces(extraFiles: PreparedInstall["installation"]["extraFiles"], tree: DeviceTree): void {
  const mounts = mountTable(tree);
  const faults = extraFiles.flatMap(([, target]) => {
    const reason = reasonOf(locate(namesOf(byteString(target)), mounts).mount);
    return reason === undefined ? [] : [`${target}: ${reason}`];
  });
  if (faults.length === 0) return;
  throw new MkimageError("BAD_REQUEST", "some extra files would be in no filesystem of the device tree", {
    details: faults,
    hint: "give them a place that is on a disk; nothing was changed",
  });
}

function requireRoom({ filesystems }: Layout, tree: DeviceTree, bytes: number): void {
  const place = locate(["nix", "store"], mountTable(tree)).mount?.mountpoint;
  const filesystem = filesystems.find(({ mountpoints }) => mountpoints.some((one) => one === place));
  if (filesystem === undefined || filesystemOf(filesystem.format).compresses || bytes <= filesystem.size) return;
  const sizes = `the system has ${formatSize(bytes)}, and the filesystem on ${place} ${formatSize(filesystem.size)}`;
  throw new MkimageError("TOO_SMALL", sizes, { hint: "use a larger disk or a smaller system; nothing was changed" });
}

function requireOwnBootDevices(toplevel: string, disks: readonly SurveyedDisk[]): void {
  const own = new Set(disks.map(({ device }) => realpathSync(device.path)));
  const foreign = findBootDevices(toplevel).filter((path) => !own.has(existsSync(path) ? realpathSync(path) : path));
  if (foreign.length === 0) return;
  throw new MkimageError(
    "BAD_REQUEST",
    `the system's bootloader would go onto ${foreign.join(", ")}, none of its disks`,
    {
      hint: "set boot.loader.grub.devices to the disks of the device tree; nothing was changed",
    },
  );
}
