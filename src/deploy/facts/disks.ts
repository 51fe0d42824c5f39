import type { Device } from "../../machine/device.ts";
import { nodeOfDevicePath } from "../../machine/block-nodes.ts";
import { describeDevice } from "../../machine/inspect-device.ts";
import { namesIn, readText, type SystemFolders } from "../../machine/system-files.ts";
import type { MachineRecords } from "../../remote/records.ts";
import { remoteSignatures } from "../../remote/remote-signatures.ts";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { plainText } from "./plain-text.ts";
import type { TargetFacts } from "./target-facts.ts";

const mostDisks = 1000;

/** Reads all whole disks of a machine, by the reader of this machine's own. */
export function readDisks(
  records: MachineRecords,
  folders: SystemFolders,
  machine: string,
): Pick<TargetFacts, "disks" | "diskPaths"> {
  const signatures = remoteSignatures(records, folders);
  const names = namesIn(join(folders.sys, "class/block")).filter((name) => isDisk(folders, name));
  const disks = names.slice(0, mostDisks).map((name): Device => {
    const parts = new Set([name, ...namesIn(join(folders.sys, "class/block", name))]);
    const own = signatures.filter(({ device }) => parts.has(device));
    const device = describeDevice(folders, { path: `/dev/${name}`, name, signatures: own, protectedPaths: [] });
    return { ...device, ...plainIdentity(device), machine };
  });
  return { disks, diskPaths: pathsOf(records, folders, new Set(names)) };
}

/** Discs, floppies, and the parts of a memory card that are for the firmware. */
const noDisk = /^(?:sr|fd)\d|^mmcblk\d+(?:boot|rpmb|gp)/;

/** A disk has a device behind it; one way of several to a disk is hidden. */
function isDisk(folders: SystemFolders, name: string): boolean {
  const folder = join(folders.sys, "class/block", name);
  if (noDisk.test(name) || !/^[\w!.-]{1,64}$/.test(name) || !existsSync(join(folder, "device"))) return false;
  return readText(join(folder, "partition")) === undefined && readText(join(folder, "hidden")) !== "1";
}

function plainIdentity({ model, serial }: Device): Pick<Device, "model" | "serial"> {
  const plain = (text: string | undefined) => (text === undefined ? undefined : plainText(text));
  return { model: plain(model), serial: plain(serial) };
}

function pathsOf(records: MachineRecords, folders: SystemFolders, names: ReadonlySet<string>): Map<string, string> {
  return new Map(
    records.of("L").flatMap(([path = ""]) => {
      const name = nodeOfDevicePath(folders, path);
      return name !== undefined && names.has(name) ? [[path, name] as const] : [];
    }),
  );
}
