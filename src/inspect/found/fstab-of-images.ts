import { join } from "node:path";
import { byteString } from "../../base/byte-string.ts";
import { MkimageError } from "../../base/errors.ts";
import { parseFstab } from "../../bootloaders/growth/fstab.ts";
import type { FstabLine } from "../../devices/found/facts.ts";
import { followToFile } from "../../manifest/follow.ts";
import { readContent } from "../../manifest/stored-content.ts";
import { readBoot } from "../boot/read-boot.ts";
import { imageStore } from "../image-store.ts";
import { storeOf } from "../inspect.ts";
import type { ReadDisk } from "../read-disk.ts";
import { systemOf } from "../system-growth.ts";

/** The fstab of the system in the store, else the one that a filesystem has in its place. */
export function fstabOf(disks: readonly ReadDisk[]): FstabLine[] {
  try {
    const text = fstabOfSystem(disks) ?? fstabInPlace(disks);
    return parseFstab(text?.toString("utf8") ?? "");
  } catch (error) {
    if (error instanceof MkimageError && error.code === "BAD_IMAGE") return [];
    throw error;
  }
}

function fstabOfSystem(disks: readonly ReadDisk[]): Buffer | undefined {
  const store = storeOf(disks);
  const toplevel = store === undefined ? undefined : systemOf(store, readBoot(disks).entries);
  return store === undefined || toplevel === undefined
    ? undefined
    : imageStore(store).read(join(toplevel, "etc/fstab"));
}

const largestFstab = 1024 * 1024;

function fstabInPlace(disks: readonly ReadDisk[]): Buffer | undefined {
  const filesystems = disks.flatMap(({ volumes }) => volumes.flatMap(({ filesystem }) => filesystem ?? []));
  const files = filesystems.flatMap(({ root }) => followToFile(root, byteString("etc/fstab")) ?? []);
  return files[0] === undefined ? undefined : readContent(files[0], largestFstab);
}
