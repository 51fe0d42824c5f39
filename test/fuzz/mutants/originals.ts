import { join } from "node:path";
import { tool } from "../../inspect/images.ts";
import { diskSize, espAt, logicalDisk, rootAt, smallDisk } from "../../inspect/verify/disks.ts";
import type { Region } from "../mutate.ts";

/** A sound image, of which mutants are made. */
export interface Original {
  readonly name: string;
  readonly path: string;
  /** As qemu-img calls it. */
  readonly format: "raw" | "qcow2" | "vdi" | "vpc" | "vhdx" | "vmdk";
  readonly table: "gpt" | "msdos" | null;
  /** Where filesystems are in the disk, for those who judge them. */
  readonly filesystems: readonly Placed[];
  readonly regions: readonly Region[];
}

export interface Placed extends Region {
  readonly type: "ext4" | "vfat";
}

/** One image for each format, table and filesystem. */
export function makeOriginals(folder: string): Original[] {
  const place = (name: string): string => join(folder, name);
  const esp: Placed = { type: "vfat", offset: espAt, length: 4 * 1024 * 1024 };
  const root: Placed = { type: "ext4", offset: rootAt, length: 6 * 1024 * 1024 };
  const both = [esp, root];
  const gpt = smallDisk(place("gpt"), "gpt", folder);
  const raw = { format: "raw", filesystems: both } as const;
  const ends = [sectors(0, 3), sectors(0, 34), { offset: diskSize - 33 * 512, length: 33 * 512 }];
  const inside = both.flatMap(structuresOf);
  const msdos = smallDisk(place("msdos"), "msdos", folder);
  const logical = logicalDisk(place("logical"), folder);
  const records = [sectors(0, 1), sectors(4096, 1), sectors(8192, 1)];
  return [
    { ...raw, name: "gpt", path: gpt, table: "gpt", regions: [...ends, ...ends, ...inside] },
    { ...raw, name: "msdos", path: msdos, table: "msdos", regions: [sectors(0, 1), ...inside] },
    { ...raw, name: "logical", path: logical, table: "msdos", filesystems: [root], regions: records },
    ...[root, esp].map((each) => alone(each, gpt, place(`none-${each.type}`))),
    fat32(place("none-fat32")),
    ...containers.map(([format, options, regions]) => {
      const path = place(`disk.${format}`);
      tool("qemu-img", "convert", "-f", "raw", "-O", format, ...options, gpt, path);
      return { name: format, path, format, table: "gpt" as const, filesystems: both, regions };
    }),
  ];
}

const KiB = 1024;
const head = { offset: 0, length: 4 * KiB };

/** Where the formats have their headers and tables. */
const containers: readonly [Exclude<Original["format"], "raw">, readonly string[], readonly Region[]][] = [
  ["qcow2", [], [head, { offset: 0, length: 320 * KiB }]],
  ["vdi", [], [head, { offset: 0, length: 700 }]],
  ["vpc", ["-o", "subformat=dynamic,force_size=on"], [head, { offset: 512, length: 1100 }]],
  ["vhdx", [], [head, { offset: 64 * KiB, length: 260 * KiB }, { offset: 2048 * KiB, length: 66 * KiB }]],
  ["vmdk", [], [head, { offset: 0, length: 80 * KiB }]],
];

function sectors(first: number, count: number): Region {
  return { offset: first * 512, length: count * 512 };
}

/** The beginning of a filesystem. */
function structuresOf({ type, offset }: Placed): Region[] {
  if (type === "vfat") return [sectors(offset / 512, 1), { offset, length: 40 * KiB }];
  return [
    { offset: offset + KiB, length: KiB },
    { offset, length: 700 * KiB },
  ];
}

function alone({ type, offset, length }: Placed, disk: string, path: string): Original {
  tool(
    "dd",
    `if=${disk}`,
    `of=${path}`,
    "bs=1M",
    `skip=${offset / KiB / KiB}`,
    `count=${length / KiB / KiB}`,
    "status=none",
  );
  const placed = { type, offset: 0, length };
  const name = `none, ${type}`;
  return { name, path, format: "raw", table: null, filesystems: [placed], regions: structuresOf(placed) };
}

function fat32(path: string): Original {
  const length = 34 * KiB * KiB;
  tool("truncate", "-s", String(length), path);
  tool("mkfs.vfat", "-F", "32", "-s", "1", "-i", "12345678", path);
  tool("mmd", "-i", path, "::folder");
  tool("mcopy", "-i", path, "package.json", "::folder/package.json");
  const placed: Placed = { type: "vfat", offset: 0, length };
  const regions = [sectors(0, 1), sectors(0, 40)];
  return { name: "none, FAT32", path, format: "raw", table: null, filesystems: [placed], regions };
}
