import type { BootDevice, GuestInstallRequest, NamedOwner } from "../../guest/install-job.ts";
import { filesystemOf } from "../../filesystems/registry.ts";
import type { Layout } from "../../layout/layout.ts";
import { describedDisks } from "./described-disks.ts";
import { diskSerial } from "./disk-serial.ts";

/** The parameters of an installation in a guest besides the layout. */
export interface InstallWishes {
  readonly toplevel: string;
  /** The names that the bootloader knows its disks by. */
  readonly bootDevices: readonly string[];
  readonly installBootloader: boolean;
  readonly touchEfiVariables: boolean;
  readonly owners: readonly NamedOwner[];
  /** Further paths to bring back. */
  readonly capture: readonly string[];
}

/** Where bootloaders keep their files. */
const bootFolders = ["/boot", "/efi"];

/** Where activation remembers the numbers of users and groups. */
const identityMaps = ["/var/lib/nixos/uid-map", "/var/lib/nixos/gid-map"];

/** The request to install on a scratch copy of an image. Its disks have serial numbers by `diskSerial`. */
export function installRequestOf(layout: Layout, wishes: InstallWishes): GuestInstallRequest {
  const { toplevel, installBootloader, touchEfiVariables, owners, capture } = wishes;
  const trees = [...new Set([...bootFolders, ...bootMountpoints(layout)])].filter((path) => {
    return path === "/boot" || layout.filesystems.some((filesystem) => filesystem.mountpoint === path);
  });
  return {
    toplevel,
    installBootloader,
    touchEfiVariables,
    owners,
    ...describedDisks(layout),
    bootDevices: wishes.bootDevices.map((name) => bootDeviceOf(name, layout)),
    capture: { trees, files: [...(owners.length > 0 ? identityMaps : []), ...capture] },
  };
}

/** The mount points of filesystems that firmware reads: one in an image is there for the firmware. */
function bootMountpoints(layout: Layout): string[] {
  return layout.filesystems.flatMap(({ format, mountpoint }) =>
    filesystemOf(format).firmwareReads && mountpoint !== null ? [mountpoint] : [],
  );
}

/** A device that no disk of the tree claims stands for the first one. */
function bootDeviceOf(name: string, { disks }: Layout): BootDevice {
  const disk = disks.find(({ device }) => device === name) ?? disks[0];
  return { name, disk: diskSerial(disk?.name ?? "") };
}
