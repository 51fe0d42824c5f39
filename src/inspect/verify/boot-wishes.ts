import type { BootEntryFacts } from "../facts.ts";
import type { ReadBoot } from "../boot/read-boot.ts";
import { type ByteString, byteString } from "../../base/byte-string.ts";
import { lookUp } from "../../manifest/tree.ts";
import { storeName, storePathOf } from "../../nix/store-path.ts";
import type { VolumeOfDisk } from "./volume-of-disk.ts";

/** Something that booting names and that one of the filesystems has to be or to hold. */
export interface BootWish {
  /** For people: `root=LABEL=nixos`. */
  readonly text: string;
  /** A `device` is known by its signature; `contents` only by reading a filesystem. */
  readonly kind: "device" | "contents";
  readonly isMetBy: (volume: VolumeOfDisk) => boolean;
  /** Whether this is where it should be. */
  readonly isExpectedOf: (volume: VolumeOfDisk) => boolean;
}

/** Lists the root devices and systems that the menu entries name; without entries, the menu that a loader needs. Pure. */
export function bootWishes({ loaders, entries, hasMenu }: ReadBoot): BootWish[] {
  const wishes = entries.flatMap((entry) => [...rootWish(entry), ...systemWish(entry)]);
  const all = hasMenu && entries.length === 0 ? [menuWish(loaders[0]?.name ?? "")] : wishes;
  return [...new Map(all.map((wish) => [wish.text, wish])).values()];
}

/** The wish for a menu, which no filesystem meets: none that was read has one. */
function menuWish(loader: string): BootWish {
  return { text: `the menu of ${loader}`, kind: "contents", isMetBy: () => false, isExpectedOf: () => false };
}

/** Source: NixOS's stage 1, which starts the system that `init=` names. */
function systemWish({ options }: BootEntryFacts): BootWish[] {
  const path = storePathOf(optionOf(options, "init") ?? "");
  if (path === undefined) return [];
  const name = byteString(storeName(path));
  const isMetBy = (volume: VolumeOfDisk): boolean => storeFolders.some((folder) => has(volume, `${folder}/${name}`));
  const isExpectedOf = (volume: VolumeOfDisk): boolean => has(volume, "nix/store");
  return [{ text: path, kind: "contents", isMetBy, isExpectedOf }];
}

/** Where the filesystem is mounted at /, at /nix or at /nix/store. */
const storeFolders = ["nix/store", "store", ""];

function has({ filesystem }: VolumeOfDisk, path: ByteString): boolean {
  return filesystem !== null && lookUp(filesystem.root, path) !== undefined;
}

/** Names of devices that the disks themselves carry. Source: Linux, kernel-parameters.txt; udev's 60-persistent-storage. */
const carriedNames: Readonly<Record<string, (volume: VolumeOfDisk) => string | null>> = {
  uuid: ({ signature }) => signature.uuid,
  label: ({ signature }) => signature.label,
  partuuid: ({ partitionUuid }) => partitionUuid,
  partlabel: ({ partition }) => (partition !== null && "name" in partition ? partition.name : null),
};

/** `root=`, as far as it names a device by what is on the disk, and not by what a menu's own variables say. */
function rootWish({ options }: BootEntryFacts): BootWish[] {
  const root = optionOf(options, "root") ?? "";
  const match = /^(?:\/dev\/disk\/by-)?(uuid|label|partuuid|partlabel)[=/]([^$]+)$/i.exec(root);
  const read = carriedNames[match?.[1]?.toLowerCase() ?? ""];
  const wanted = match?.[2]?.toLowerCase();
  if (read === undefined || wanted === undefined) return [];
  const isMetBy = (volume: VolumeOfDisk): boolean =>
    volume.signature.type !== null && read(volume)?.toLowerCase() === wanted;
  return [{ text: `root=${root}`, kind: "device", isMetBy, isExpectedOf: () => true }];
}

function optionOf(options: string, key: string): string | undefined {
  const value = new RegExp(`(?:^|\\s)${key}=("[^"]*"|\\S+)`).exec(options)?.[1];
  return value?.replaceAll('"', "");
}
