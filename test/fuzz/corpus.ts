import { copyFileSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { crc32, gzipSync } from "node:zlib";
import { imageFormats } from "../../src/image/formats/registry.ts";
import { archiveOf } from "../bootloaders/growth/system-files.ts";
import { overwrite, silent, tool } from "../inspect/images.ts";
import type { Region } from "./mutate.ts";

/** A small image that is sound, or at least recognised. */
export interface Sample {
  readonly name: string;
  readonly path: string;
  /** Where its readers look. */
  readonly regions: readonly Region[];
}

const [KiB, MiB] = [1024, 1024 * 1024];
const uuid = "01234567-89ab-4def-8123-456789abcdef";
export const storeName = "0123456789abcdfghijklmnpqrsvwxyz-system";

/**
 * Makes images of every format and of the filesystems that are read or recognised. Their bytes are the same each time, so
 * that a seed stands for a mutant.
 */
export async function makeCorpus(folder: string): Promise<Sample[]> {
  const [system, boot] = [makeSystem(join(folder, "system")), makeBoot(join(folder, "boot"))];
  const filesystems = [
    ext(folder, "ext4", system, "6M", ["-t", "ext4", "-b", "1024", "-N", "64"]),
    ext(folder, "ext4-small-files", system, "6M", ["-t", "ext4", "-b", "4096", "-I", "512", "-O", "inline_data"]),
    ext(folder, "ext4-groups", system, "6M", ["-t", "ext4", "-b", "1024", "-g", "1024", "-O", "meta_bg,^resize_inode"]),
    ext(folder, "ext2", system, "4M", ["-t", "ext2", "-b", "1024", "-I", "128"]),
    fat(folder, "12", boot, "2M"),
    fat(folder, "16", boot, "6M"),
    fat(folder, "32", boot, "34M"),
  ];
  const [, inline, , old, fat12] = filesystems.map(({ path }) => path) as [string, string, string, string, string];
  const disks = [gpt(folder, fat12, inline), msdos(folder, old, fat12)];
  return [...filesystems, ...disks, ...recognised(folder), ...(await formats(folder, disks[0] as Sample))];
}

/** A store with a database, a profile, an initrd and a menu. */
function makeSystem(folder: string): string {
  const store = join(folder, "nix/store", storeName);
  for (const path of [join(store, "etc"), "nix/var/nix/db", "nix/var/nix/profiles", "nix/var/nix/gcroots", "boot/grub"])
    mkdirSync(path.startsWith("/") ? path : join(folder, path), { recursive: true });
  writeFileSync(join(store, "init"), "#!/bin/sh\n");
  writeFileSync(join(store, "etc/fstab"), "/dev/disk/by-label/nixos / ext4 x-systemd.growfs 0 1\n");
  writeFileSync(join(store, "initrd"), gzipSync(archiveOf({ init: "#!/bin/sh\nresize2fs\n", "bin/resize2fs": "x" })));
  writeFileSync(join(store, "large"), Buffer.alloc(300 * KiB, "many blocks "));
  symlinkSync(`/nix/store/${storeName}`, join(folder, "nix/var/nix/profiles/system"));
  symlinkSync(
    "/nix/var/nix/profiles/system/far/far/far/far/far/far/far/far/far/away",
    join(folder, "nix/var/nix/gcroots/a"),
  );
  writeFileSync(
    join(folder, "boot/grub/grub.cfg"),
    `set default=0\nsearch --set=drive1 --label nixos\nmenuentry "NixOS" {\n  linux ($drive1)/nix/store/${storeName}/init init=/nix/store/${storeName}/init root=LABEL=nixos\n  initrd ($drive1)/nix/store/${storeName}/initrd\n}\n`,
  );
  makeDatabase(join(folder, "nix/var/nix/db/db.sqlite"));
  return folder;
}

/** In the shape of Nix's own. */
function makeDatabase(path: string): void {
  using database = new DatabaseSync(path);
  database.exec(`
    create table ValidPaths (id integer primary key autoincrement not null, path text unique not null,
      hash text not null, registrationTime integer not null, deriver text, narSize integer);
    create table Refs (referrer integer not null, reference integer not null, primary key (referrer, reference));
    create index IndexReferrer on Refs(referrer);
    insert into ValidPaths values (1, '/nix/store/${storeName}', 'sha256:0', 1, null, 1000);
    insert into Refs values (1, 1);`);
}

function makeBoot(folder: string): string {
  mkdirSync(join(folder, "EFI/BOOT"), { recursive: true });
  mkdirSync(join(folder, "loader/entries"), { recursive: true });
  writeFileSync(join(folder, "EFI/BOOT/BOOTX64.EFI"), `MZ${"\0".repeat(600)}#### LoaderInfo: systemd-boot 252 ####`);
  writeFileSync(join(folder, "loader/loader.conf"), "default nixos-*\ntimeout 3\n");
  const entry = `title NixOS\nlinux /EFI/kernel.efi\ninitrd /EFI/none.efi\noptions init=/nix/store/${storeName}/init root=LABEL=nixos\n`;
  writeFileSync(join(folder, "loader/entries/nixos-generation-1.conf"), entry);
  writeFileSync(join(folder, "EFI/kernel.efi"), Buffer.alloc(40 * KiB, "kernel"));
  return folder;
}

function ext(folder: string, name: string, tree: string, size: string, options: readonly string[]): Sample {
  const path = join(folder, `${name}.img`);
  frozen(
    "mke2fs",
    "-q",
    "-F",
    ...options,
    "-L",
    "nixos",
    "-U",
    uuid,
    "-E",
    `hash_seed=${uuid}`,
    "-d",
    tree,
    path,
    size,
  );
  forgetTimes(path);
  return {
    name,
    path,
    regions: [
      { offset: KiB, length: 3 * KiB },
      { offset: 0, length: 300 * KiB },
    ],
  };
}

/** Runs a program at the same time as always. */
function frozen(...command: readonly string[]): void {
  tool("faketime", "-f", "2024-01-01 00:00:00", ...command);
}

/** When the files were made is in their inodes, and follows from no input. */
function forgetTimes(path: string): void {
  const fields = ["ctime", "mtime", "atime", "crtime", "ctime_extra", "mtime_extra", "atime_extra", "crtime_extra"];
  const script = Array.from({ length: 50 }, (_, index) => index + 1).flatMap((inode) =>
    fields.map((field) => `set_inode_field <${inode}> ${field} 0`),
  );
  writeFileSync(`${path}.script`, `${script.join("\n")}\n`);
  frozen("debugfs", "-w", "-f", `${path}.script`, path);
}

function fat(folder: string, bits: string, tree: string, size: string): Sample {
  const path = join(folder, `fat${bits}.img`);
  tool("truncate", "-s", size, path);
  frozen("mkfs.vfat", "--invariant", "-F", bits, "-s", "1", "-n", "ESP", path);
  frozen("mcopy", "-s", "-i", path, join(tree, "EFI"), join(tree, "loader"), "::");
  return {
    name: `fat${bits}`,
    path,
    regions: [
      { offset: 0, length: 512 },
      { offset: 0, length: 64 * KiB },
    ],
  };
}

function gpt(folder: string, boot: string, root: string): Sample {
  const path = join(folder, "gpt.img");
  tool("truncate", "-s", "10M", path);
  const options = ["--set-alignment=8", `--disk-guid=${uuid}`];
  const parts = [
    "--new=1:64:4159",
    "--typecode=1:EF00",
    "--new=2:4160:16447",
    "--new=3:16448:16500",
    "--typecode=3:8200",
  ];
  const names = [
    "--change-name=1:esp",
    "--change-name=2:nixos",
    `--partition-guid=1:${uuid}`,
    `--partition-guid=2:${uuid}`,
  ];
  tool("sgdisk", ...options, ...parts, ...names, `--partition-guid=3:${uuid}`, path);
  overwrite(path, 64 * 512, readFileSync(boot));
  overwrite(path, 4160 * 512, readFileSync(root));
  const [table, inside] = [
    { offset: 440, length: KiB },
    { offset: 4160 * 512, length: 300 * KiB },
  ];
  return {
    name: "gpt",
    path,
    regions: [table, { offset: KiB, length: 512 }, { offset: 64 * 512, length: 40 * KiB }, inside],
  };
}

/** One primary partition, and two logical ones. */
function msdos(folder: string, root: string, boot: string): Sample {
  const path = join(folder, "msdos.img");
  tool("truncate", "-s", "8M", path);
  const script = join(folder, "msdos.script");
  const lines = ["label: dos", "label-id: 0x12345678", "start=64, size=8192, type=83", "start=8256, size=8000, type=5"];
  writeFileSync(
    script,
    [...lines, "start=8320, size=4096, type=c, bootable", "start=12480, size=1000, type=83", ""].join("\n"),
  );
  tool("sh", "-c", 'sfdisk --quiet --no-reread --no-tell-kernel "$1" <"$2"', "sh", path, script);
  overwrite(path, 64 * 512, readFileSync(root));
  overwrite(path, 8320 * 512, readFileSync(boot));
  const chain = [8256, 12416].map((sector) => ({ offset: sector * 512 + 440, length: 72 }));
  return {
    name: "msdos",
    path,
    regions: [{ offset: 440, length: 72 }, ...chain, { offset: 64 * 512, length: 100 * KiB }],
  };
}

/** Formats of which blkid knows only the names. */
function recognised(folder: string): Sample[] {
  const region = { offset: 0, length: 8 * KiB };
  const made = (name: string, size: number, bytes: readonly (readonly [offset: number, bytes: Buffer])[]): Sample => {
    const path = join(folder, `${name}.img`);
    writeFileSync(path, "");
    truncateSync(path, size);
    for (const [offset, part] of bytes) overwrite(path, offset, part);
    return { name, path, regions: [region, ...bytes.map(([offset, { length }]) => ({ offset, length }))] };
  };
  const xfs = join(folder, "xfs.full");
  tool("truncate", "-s", "320M", xfs);
  frozen("mkfs.xfs", "-q", "-m", `uuid=${uuid}`, xfs);
  const superblock = tool("sh", "-c", 'head -c 4096 "$1" | base64', "sh", xfs);
  const luks = Buffer.alloc(592);
  luks.write("LUKS\xba\xbe\0\x01aes", "latin1");
  luks.write(uuid, 168);
  const btrfs = Buffer.alloc(4096);
  btrfs.write("_BHRfS_M", 64);
  return [
    made("xfs", 2 * MiB, [[0, Buffer.from(superblock, "base64")]]),
    made("luks", 2 * MiB, [[0, luks]]),
    made("btrfs", 2 * MiB, [[64 * KiB, btrfs]]),
    made("lvm", 2 * MiB, [[512, volumeLabel()]]),
  ];
}

/** Source: LVM2, lib/label/label.h. */
function volumeLabel(): Buffer {
  const label = Buffer.alloc(512);
  label.write("LABELONE");
  label.writeUInt32LE(1, 8);
  label.writeUInt32LE(32, 20);
  label.write("LVM2 001", 24);
  label.write(uuid.replaceAll("-", ""), 32);
  label.writeUInt32LE(~crc32(label.subarray(20), ~0xf597a6cf >>> 0) >>> 0, 16);
  return label;
}

async function formats(folder: string, { path: source }: Sample): Promise<Sample[]> {
  const [head, all] = [
    { offset: 0, length: 512 },
    { offset: 0, length: 400 * KiB },
  ];
  const samples: Sample[] = [];
  for (const [name, options] of [
    ["qcow2", []],
    ["qcow2-packed", ["-c"]],
    ["qcow2-small-clusters", ["-o", "cluster_size=512,compat=0.10"]],
  ] as const) {
    const path = join(folder, `${name}.qcow2`);
    tool("qemu-img", "convert", "-f", "raw", "-O", "qcow2", ...options, source, path);
    samples.push({ name, path, regions: [head, all] });
  }
  const identity = { uuid: () => uuid, time: 1 };
  const options = { identity, compression: "zlib", signal: undefined, reporter: silent } as const;
  for (const name of ["vdi", "vpc", "vpc-fixed", "vhdx", "vmdk"] as const) {
    const format = imageFormats[name];
    const path = join(folder, `${name}.${format.ending}`);
    copyFileSync(source, `${path}.source`);
    await format.write({ path: `${path}.source` }, path, options);
    samples.push({ name, path, regions: [head, head, all] });
  }
  return samples;
}
