import { existsSync, realpathSync } from "node:fs";
import { findBootDevices } from "../bootloader/boot-devices.ts";
import { mountpointsOf } from "../devices/mountpoints.ts";
import { MkimageError } from "../errors.ts";
import { type Layout } from "../layout/layout.ts";
import { formatSize } from "../layout/units.ts";
import type { SurveyedDisk } from "../steps/survey.ts";
import type { PreparedInstall } from "./prepare-install.ts";

/**
 * Refuses, while nothing is changed, what would fail at the end: a tree without a root, a filesystem that the closure cannot
 * fit on, and a bootloader that goes onto another disk than those of the tree.
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
  if (layout !== undefined) requireRoom(layout, bytes);
  if (installation.installsBootloader) requireOwnBootDevices(installation.toplevel, disks);
}

/** These may hold more than their size. */
const compressing = new Set(["btrfs", "zfs", "bcachefs", "f2fs"]);

function requireRoom({ filesystems }: Layout, bytes: number): void {
  const holds = (place: string) => place === "/" || "/nix/store".startsWith(place);
  const [store] = filesystems
    .flatMap((filesystem) => filesystem.mountpoints.filter(holds).map((place) => ({ place, filesystem })))
    .toSorted((one, other) => other.place.length - one.place.length);
  if (store === undefined || compressing.has(store.filesystem.format) || bytes <= store.filesystem.size) return;
  const { place, filesystem } = store;
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
