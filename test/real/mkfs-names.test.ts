import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { identityFrom } from "../../src/base/identity.ts";
import { namesOf } from "../../src/layout/identity-of-filesystem.ts";
import { MiB } from "../../src/base/units.ts";
import { mkfsArguments } from "../../src/devices/steps/mkfs.ts";
import { judge, testFolder } from "./mkimage.ts";

// What a plan says of a filesystem's names, held against what blkid finds on what mkfs has made of the same node.

const uuid = "f222513b-ded1-49fa-b591-20ce86a2fe7f";
const identity = identityFrom("seed");

const programs: Readonly<Record<string, readonly string[]>> = {
  ext4: ["mkfs.ext4", "-q"],
  vfat: ["mkfs.vfat"],
  xfs: ["mkfs.xfs", "-q"],
  btrfs: ["mkfs.btrfs", "-q"],
  f2fs: ["mkfs.f2fs", "-q"],
  swap: ["mkswap"],
};

const nodes: readonly (readonly [format: string, node: { label?: string; uuid?: string; extraArgs?: string[] }])[] = [
  ...Object.keys(programs).map((format) => [format, {}] as const),
  ...["ext4", "xfs", "btrfs", "f2fs", "swap"].map((format) => [format, { label: "root", uuid }] as const),
  ["vfat", { label: "ESP", uuid: "ABCD-1234" }],
  ["vfat", { extraArgs: ["-F 32", "-n", "ESP", "-iabcd1234"] }],
  ["ext4", { extraArgs: ["-qFL root", `-U${uuid}`] }],
  ["ext4", { label: "root", extraArgs: [`-U ${uuid}`, "-L", "root"] }],
  ["ext4", { extraArgs: ["-U random"] }],
  ["ext4", { extraArgs: ["-O", "^64bit", "-U", uuid.toUpperCase()] }],
  ["xfs", { extraArgs: [`-m reflink=0,uuid=${uuid}`, "-Lroot"] }],
  ["btrfs", { extraArgs: ["--lab=root", "--uuid", uuid] }],
  ["f2fs", { extraArgs: [`-U ${uuid}`, "-fl root"] }],
  ["swap", { extraArgs: [`--uuid=${uuid}`, "--label=swap"] }],
  ["swap", { extraArgs: ["-U", "random"] }],
];

for (const [format, said] of nodes) {
  test(`${format} with ${JSON.stringify(said)} has the names of its plan`, (t) => {
    const node = { label: null, uuid: null, extraArgs: [], ...said };
    const file = join(testFolder(t), "filesystem");
    writeFileSync(file, "");
    truncateSync(file, 320 * MiB);
    const context = {
      mode: "format",
      setting: { root: "/mnt", identity },
      members: [],
      deviceNames: new Map(),
      stepsOf: () => t.fail(),
    } as const;
    const [program = "", ...flags] = programs[format] ?? [];
    judge(program, ...flags, ...mkfsArguments(node, format, "disk.a.content", context as never), file);
    const tag = (name: string) => judge("blkid", "--probe", "-o", "value", "-s", name, file).trim();
    const names = namesOf(node, format, "disk.a.content", identity);
    t.deepEqual([tag("LABEL"), tag("UUID")], [names.label ?? "", names.uuid]);
  });
}
