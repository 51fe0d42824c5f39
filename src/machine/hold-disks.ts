import { accessSync, constants } from "node:fs";
import { tmpdir } from "node:os";
import { MkimageError } from "../base/errors.ts";
import { type Held, holdName } from "../runtime/lock-file.ts";
import { isAlive, type Owner } from "../runtime/owner.ts";
import type { Device } from "./device.ts";

/**
 * Keeps other runs of mkimage away from disks until this one has ended. The disks themselves are not locked: udev would
 * leave them alone, and the links that partitions are found by would be missing.
 *
 * @throws MkimageError REFUSED_DEVICE when another run works on one of them.
 */
export async function holdDisks(devices: readonly Pick<Device, "path" | "name" | "partitionOf">[]): Promise<Held> {
  const held: Held[] = [];
  const release = (): void => held.forEach((disk) => disk.release());
  const paths = new Map(devices.map(({ path, name, partitionOf }) => [partitionOf ?? name, path]));
  try {
    for (const [disk, path] of paths) held.push(await holdName(lockFolder(), `disk ${disk}`, (by) => taken(path, by)));
  } catch (error) {
    release();
    throw error;
  }
  return { descriptors: held.flatMap(({ descriptors }) => descriptors), release };
}

/** Finds the folder for locks: /run where it is writable, since its contents do not outlive a reboot. */
function lockFolder(): string {
  try {
    accessSync("/run", constants.W_OK);
    return "/run";
  } catch {
    return tmpdir();
  }
}

function taken(path: string, by: Owner | undefined): MkimageError {
  const who = by === undefined ? "another process" : `${isAlive(by) ? "" : "what was started by "}process ${by.pid}`;
  return new MkimageError("REFUSED_DEVICE", `${who} works on ${path} right now`, {
    hint: "wait until it has ended, and look at what is on the disk then",
  });
}
