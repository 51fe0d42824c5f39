import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MiB } from "../../../src/base/units.ts";
import { overwrite, tool } from "../images.ts";

/** Where the partitions of the disks here begin. */
export const espAt = MiB;
export const rootAt = 5 * MiB;
export const diskSize = 12 * MiB;

/** A small disk with a table of any kind, a FAT and an ext4 in it. */
export function smallDisk(path: string, table: "gpt" | "gpt-4096" | "msdos", folder: string): string {
  tool("truncate", "-s", String(diskSize), path);
  if (table === "gpt") tool("sgdisk", "-n", "1:2048:+4M", "-t", "1:ef00", "-n", "2:10240:+6M", "-t", "2:8300", path);
  else if (table === "gpt-4096") partition4096(path);
  else partition(path, "label: dos\nstart=2048, size=8192, type=ef\nstart=10240, size=12288, type=83, bootable\n");
  fill(path, join(folder, "tree"));
  return path;
}

/** As fdisk does it, with logical partitions in an extended one. */
export function logicalDisk(path: string, folder: string): string {
  const lines = ["start=2048, size=2048, type=83", "start=4096, size=20480, type=5"];
  const logical = ["start=6144, size=2048, type=83", "start=10240, size=12288, type=83"];
  tool("truncate", "-s", String(diskSize), path);
  partition(path, ["label: dos", ...lines, ...logical, ""].join("\n"));
  placeExt(path, rootAt, join(folder, "tree"));
  return path;
}

/** Changes one byte. */
export function flip(path: string, at: number, value = 0xa5): void {
  overwrite(path, at, Buffer.from([value]));
}

function partition(path: string, script: string): void {
  tool("sh", "-c", 'printf "%s" "$2" | sfdisk --quiet "$1"', "sh", path, script);
}

/** sfdisk counts in sectors of 4096 bytes only on a disk: here its table is made of one of 512. */
function partition4096(path: string): void {
  const wide = `${path}.wide`;
  tool("truncate", "-s", String(diskSize / 8), wide);
  tool("sgdisk", "-a", "1", "-n", "1:256:1279", "-t", "1:ef00", "-n", "2:1280:2900", "-t", "2:8300", wide);
  tool("dist/node", "-e", widen, wide, path);
}

/** Spreads the sectors of a table, with the fields that count how many the entries take. */
const widen = `
  const { readFileSync, openSync, writeSync } = require("node:fs");
  const { crc32 } = require("node:zlib");
  const [, from, to] = process.argv;
  const old = readFileSync(from), out = openSync(to, "r+"), last = old.length / 512 - 1;
  const sector = (at) => Buffer.from(old.subarray(at * 512, (at + 1) * 512));
  const entries = old.subarray(1024, 1024 + 128 * 128);
  const seal = (header, place, entriesAt) => {
    header.writeBigUInt64LE(6n, 40); header.writeBigUInt64LE(BigInt(last - 5), 48);
    header.writeBigUInt64LE(BigInt(entriesAt), 72);
    header.writeUInt32LE(0, 16); header.writeUInt32LE(crc32(header.subarray(0, 92)), 16);
    writeSync(out, header, 0, 512, place * 4096);
    writeSync(out, entries, 0, entries.length, entriesAt * 4096);
  };
  writeSync(out, sector(0), 0, 512, 0);
  seal(sector(1), 1, 2);
  seal(sector(last), last, last - 4);
`;

function fill(path: string, tree: string): void {
  const fat = `${path}.fat`;
  tool("truncate", "-s", "4M", fat);
  tool("mkfs.vfat", "-i", "12345678", fat);
  makeTree(tree);
  tool("mcopy", "-s", "-i", fat, join(tree, "a"), "::");
  tool("dd", `if=${fat}`, `of=${path}`, `seek=${espAt / 512}`, "conv=notrunc", "status=none");
  placeExt(path, rootAt, tree);
}

function placeExt(path: string, at: number, tree: string): void {
  makeTree(tree);
  const options = ["-q", "-F", "-b", "1024", "-U", "11111111-2222-4333-8444-555555555555", "-d", tree];
  tool("mkfs.ext4", ...options, "-E", `offset=${at},hash_seed=11111111-2222-4333-8444-555555555555`, path, "6M");
}

function makeTree(tree: string): void {
  mkdirSync(join(tree, "a/b"), { recursive: true });
  for (let index = 0; index < 12; index += 1)
    writeFileSync(join(tree, `a/b/file ${index}`), "contents ".repeat(index * 200));
}

/** A copy of an image, changed. */
export function changed(path: string, change: (copy: string) => void = () => {}): string {
  copies += 1;
  const copy = `${path}.${copies}`;
  copyFileSync(path, copy);
  change(copy);
  return copy;
}

let copies = 0;
