import { join } from "node:path";
import { describeMount, namesFor, unfoundMounts } from "../../bootloaders/growth/unfound-mounts.ts";
import type { BootEntryFacts } from "../facts.ts";
import { imageStore } from "../image-store.ts";
import { storeOf } from "../inspect.ts";
import type { ReadDisk } from "../read-disk.ts";
import { systemOf } from "../system-growth.ts";
import { type Check, failed, noted } from "./check.ts";
import { isContainer, volumesOf } from "./volume-of-disk.ts";

/**
 * Compares the devices in the fstab of an image's system with the names of the partitions; no check where all are found,
 * or where containers may hold the missing ones.
 *
 * @throws MkimageError BAD_IMAGE when its files cannot be read.
 */
export function checkFstab(disks: readonly ReadDisk[], entries: readonly BootEntryFacts[]): Check[] {
  const store = storeOf(disks);
  const toplevel = store === undefined ? undefined : systemOf(store, entries);
  if (store === undefined || toplevel === undefined) return [];
  const fstab = imageStore(store).read(join(toplevel, "etc/fstab"))?.toString("utf8") ?? "";
  const volumes = volumesOf(disks);
  const there = volumes.map(({ signature: { label, uuid }, partition, partitionUuid }) => {
    const partlabel = partition !== null && "name" in partition ? partition.name : null;
    return { names: namesFor({ label, uuid, partlabel, partuuid: partitionUuid }), mountpoints: undefined };
  });
  const unfound = unfoundMounts(fstab, there);
  if (unfound.length === 0 || volumes.some(isContainer)) return [];
  const lines = unfound.map((entry) => `it looks for ${describeMount(entry)}, and nothing there is called so`);
  const isRoot = unfound.some(({ mountPoint }) => mountPoint === "/");
  if (isRoot) return [failed("fstab", "the system does not find its root filesystem", lines)];
  return [noted("fstab", `the system may need another disk: ${lines.join("; ")}`)];
}
