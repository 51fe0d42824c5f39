import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { QMPClient } from "node-qemu";
import { type ErrorCode, exitCodes } from "../../src/base/errors.ts";
import { chooseKernel } from "../../src/guest/kernel.ts";
import type { Disk } from "../../src/guest/qemu.ts";
import { runGuest } from "../../src/guest/run-guest.ts";
import { MiB } from "../../src/base/units.ts";
import { byteString } from "../../src/base/byte-string.ts";
import { contentOf } from "../../src/manifest/file-content.ts";
import type { DirectoryInode } from "../../src/manifest/inode.ts";
import { lookUp } from "../../src/manifest/tree.ts";
import { findTool } from "../../src/runtime/tools.ts";
import { quote } from "../../src/base/quote.ts";
import { bootTraces, makeImage } from "./disk-image.ts";
import { ask, attach, judge } from "./loop-device.ts";
import { demoSystem } from "./mkimage.ts";
import { programDisk } from "./program-disk.ts";
import { isLong } from "../together/is-long.ts";

// What only a kernel with dm and md can show, and only a machine whose disks can be pulled out: the built program writes
// in a guest. What it says there is judged here, and so are the disks that it leaves.

const sizes = { disk: 64 * MiB, image: 48 * MiB };
/** `stacked` has a user of each kind. */
const always = "btrfs stacked bad_read drops_head fails_late power unplug sectors".split(" ");
const long = "lvm md crypt mount swap bad_write drops unwritable".split(" ");
const cases = isLong ? [...always, ...long] : always;
/** The other devices of groups. */
const further = ["btrfs.other", ...(cases.includes("lvm") ? ["lvm.other", "lvm.empty"] : [])];
const devices = "virtio_scsi sd_mod dm_mod dm_flakey dm_delay dm_crypt dm_raid md_mod raid1".split(" ");
const ciphers = "xts aes_generic sha256_generic algif_skcipher algif_hash".split(" ");
const modules = [...devices, ...ciphers, "ext4", "btrfs"];
/** The programs that mkimage calls, and those that make users of disks. */
const programs = "bash blkdiscard blockdev dmsetup flock mount partx qemu-img setpriv sfdisk umount wipefs";
const makers = "btrfs cryptsetup lvcreate mdadm mkfs.btrfs mkfs.ext4 mkswap swapoff swapon vgchange vgcreate pvs";

const folder = mkdtempSync(join(tmpdir(), "mkimage-disk-guest-"));
const endings: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
test.after.always(() => endings.toReversed().forEach((end) => end()));
const images: Record<string, string> = {};
let results: DirectoryInode;

test.before(async () => {
  const scope = { teardown: (end: () => unknown) => void endings.push(end) };
  for (const sectorSize of [512, 4096]) images[`images/${sectorSize}`] = makeImage(scope, sectorSize);
  const disk = await programDisk(folder, { programs: `${programs} ${makers}`.split(" "), files: images });
  const monitor = addPluggedDisk();
  const guest = {
    architecture: "x86_64",
    acceleration: "tcg",
    kernel: chooseKernel({ toplevel: demoSystem("none"), needs: modules }),
    disks: [...cases.filter((name) => name !== "unplug"), ...further].map(makeDisk).concat(disk),
  } as const;
  const job = {
    steps: [
      { title: "open the programs", argv: ["/vm/open-toolbox", "programs"] },
      ...cases.map((name) => ({ title: name, argv: ["/toolbox/bin/bash", "/job/cases", name] })),
    ],
    files: [{ path: byteString("cases"), bytes: readFileSync(join(import.meta.dirname, "disk-guest.sh")) }],
    modules,
  };
  const places = {
    logPath: process.env["MKIMAGE_LOG"] ?? join(folder, "log"),
    resultsPath: join(folder, "results"),
    deadlineSeconds: 900,
    onLine: (line: string) => {
      if (line === "unplug sda") void unplug(monitor);
    },
  };
  ({ results } = await runGuest(guest, job, places));
});

function fileOf(name: string): string {
  return join(folder, `disk-${name}`);
}

/** Those on which writing fails have been bootable before, but for one that would lose its clearing too. */
function makeDisk(name: string): Disk {
  const path = fileOf(name);
  const sectorSize = name === "sectors" ? 4096 : 512;
  writeFileSync(path, "");
  truncateSync(path, sizes.disk * (name.startsWith("btrfs") ? 2 : 1));
  const fails = (Object.hasOwn(findings, name) && name !== "drops_head") || name === "power";
  if (fails) judge("sgdisk", "--clear", "--new=1:0:0", path);
  return { path, format: "raw", serial: name, access: "scratch", sectorSize };
}

/** No disk of a guest can be pulled out but this one, which a QEMU adds that is found in PATH before the real one. */
function addPluggedDisk(): string {
  const { path } = makeDisk("unplug");
  const socket = join(folder, "monitor");
  const bin = join(folder, "bin");
  const more = [
    ["-device", "virtio-scsi-pci", "-device", "scsi-hd,id=sda,drive=sda,serial=unplug"],
    ["-drive", `if=none,id=sda,format=raw,file=${path},throttling.bps-write=${MiB}`],
    ["-qmp", `unix:${socket},server=on,wait=off`],
  ].flat();
  mkdirSync(bin);
  const qemu = join(bin, "qemu-system-x86_64");
  writeFileSync(qemu, `#!/bin/sh\nexec ${findTool("qemu-system-x86_64")} "$@" ${more.map(quote).join(" ")}\n`);
  chmodSync(qemu, 0o755);
  process.env["PATH"] = `${bin}:${process.env["PATH"]}`;
  return socket;
}

async function unplug(socketPath: string): Promise<void> {
  const client = new QMPClient({ socketPath });
  await client.connect();
  await client.execute("device_del", { id: "sda" });
  await client.close();
}

/** The users of a disk, and what the message says to do about each. */
const users: Readonly<Record<string, { readonly says: readonly RegExp[]; readonly advice: readonly RegExp[] }>> = {
  lvm: {
    says: [/\/dev\/vd[a-z]+ is in use: below the LVM volume a--group-a--volume_rimage_0/],
    advice: [/^vgchange -an a-group$/],
  },
  md: {
    says: [/\/dev\/vd[a-z]+ is in use: a member of the RAID array md\d+$/m],
    advice: [/^mdadm --stop \/dev\/md\d+$/],
  },
  crypt: {
    says: [/\/dev\/vd[a-z]+ is in use: below the opened encrypted device opened$/m],
    advice: [/^cryptsetup close opened$/],
  },
  mount: { says: [/\/dev\/vd[a-z]+ is in use: mounted on \/a place$/m], advice: [/^umount '\/a place'$/] },
  swap: { says: [/\/dev\/vd[a-z]+ is in use: the kernel swaps to it$/m], advice: [/^swapoff \/dev\/vd[a-z]+$/] },
  btrfs: { says: [/\/dev\/vd[a-z]+ is in use: mounted on \/both$/m], advice: [/^umount \/both$/] },
  stacked: {
    says: [
      /\/dev\/dm-\d+ is in use: mounted on \/deep /,
      /\/dev\/vd[a-z]+2 is in use: the kernel swaps to it /,
      /\/dev\/vd[a-z]+3 is in use: a member of the RAID array md\d+ /,
      /\/dev\/dm-\d+ is in use: below the LVM volume group-volume /,
      /\/dev\/vd[a-z]+1 is in use: below the opened encrypted device inner /,
    ],
    advice: [/^umount/, /^swapoff/, /^mdadm --stop/, /^vgchange -an group$/, /^cryptsetup close inner$/],
  },
};

for (const name of cases.filter((one) => Object.hasOwn(users, one))) {
  const { says = [], advice = [] } = users[name] ?? {};
  test(`${name}: the user of the disk is named, and nothing is written`, (t) => {
    const events = said(t, name, "events");
    t.is(said(t, name, "status"), String(exitCodes.REFUSED_DEVICE), events);
    says.forEach((words) => t.regex(events, words));
    t.is(said(t, name, "untouched"), "");
    t.is(said(t, name, "output"), "");
  });

  test(`${name}: when the user of the disk is told to go as the message says, it is written`, (t) => {
    const lines = said(t, name, "advice").split("\n");
    t.is(lines.length, advice.length, lines.join("\n"));
    advice.forEach((words, index) => t.regex(lines[index] ?? "", words));
    t.is(said(t, `${name}.released`, "status"), "0", said(t, `${name}.released`, "events"));
    t.deepEqual(said(t, `${name}.released`, "signatures").split(/\s+/), ["gpt", "gpt", "PMBR"]);
    assertHoldsImage(t, name, 512);
  });
}

testOf("lvm", "a physical volume that holds nothing is refused for the sake of its group", (t) => {
  t.is(said(t, "lvm.empty", "status"), String(exitCodes.REFUSED_DEVICE));
  t.regex(
    said(t, "lvm.empty", "events"),
    /is in use: a part of the active LVM volume group a-group\nhint: .*vgchange -an a-group/,
  );
});

/** Faults, and what mkimage says of each. */
const findings: Readonly<Record<string, readonly [ErrorCode, RegExp]>> = {
  bad_write: ["DEVICE_FAILED", /^mkimage: writing to \/dev\/mapper\/bad-write at byte 4194304 failed: EIO$/m],
  bad_read: ["DEVICE_FAILED", /^mkimage: reading from \/dev\/mapper\/bad-read at byte 4194304 failed: EIO$/m],
  drops: [
    "MISMATCH",
    /^mkimage: \/dev\/mapper\/drops does not hold what was written: bytes 2097152 to 2162687 differ$/m,
  ],
  drops_head: ["MISMATCH", /drops-head does not hold the partition table that was written at byte \d+$/m],
  fails_late: ["DEVICE_FAILED", /^mkimage: writing to \/dev\/mapper\/slow at byte 67091968 failed: EIO$/m],
  unplug: ["DEVICE_FAILED", /^mkimage: writing to \/dev\/sda at byte \d+ failed: (EIO|ENODEV|ENXIO)$/m],
};

for (const name of cases.filter((one) => Object.hasOwn(findings, one))) {
  const [code, words] = findings[name] ?? ["INTERNAL", /^$/];
  test(`${name}: it is found, and the disk cannot be booted from`, (t) => {
    t.is(said(t, name, "status"), String(exitCodes[code]), said(t, name, "events"));
    t.regex(said(t, name, "events"), words);
    t.notRegex(said(t, name, "output"), /holds the image/);
    t.deepEqual(bootTraces(fileOf(name), fileOf(name), 512), []);
  });
}

testOf("unwritable", "what takes nothing at its beginning is named, and the hint claims no more than is known", (t) => {
  t.is(said(t, "unwritable", "status"), String(exitCodes.DEVICE_FAILED));
  t.regex(
    said(t, "unwritable", "events"),
    /writing to \/dev\/mapper\/unwritable at byte 0 failed: EIO\nhint: the device does not hold the image/,
  );
  t.notRegex(said(t, "unwritable", "output"), /holds the image/);
});

test("when the power goes while the first blocks are written, at most the backup table is there", (t) => {
  t.is(said(t, "power", "status"), String(128 + 9), said(t, "power", "events"));
  t.regex(said(t, "power", "events"), /^writing the first blocks \.\.\.$/m);
  t.notRegex(said(t, "power", "output"), /holds the image/);
  const traces = bootTraces(fileOf("power"), fileOf("power"), 512);
  t.deepEqual(
    traces.filter((trace) => trace !== "a backup GPT"),
    [],
  );
});

test("a disk with sectors of 4096 bytes takes an image for these, and no other", (t) => {
  t.is(said(t, "sectors", "status"), "0", said(t, "sectors", "events"));
  assertHoldsImage(t, "sectors", 4096);
  t.is(said(t, "sectors.other", "status"), String(exitCodes.REFUSED_DEVICE));
  t.regex(said(t, "sectors.other", "events"), /sectors of 4096 bytes, the image's partition table counts in 512/);
});

/** A test of what only one case has, where that one runs. */
function testOf(name: string, title: string, check: (t: ExecutionContext) => void): void {
  if (cases.includes(name)) test(title, check);
}

/** All but the first MiB and the last: there the partition table is fitted to the disk. */
function assertHoldsImage(t: ExecutionContext, name: string, sectorSize: 512 | 4096): void {
  const middle = ["--ignore-initial", String(MiB), "--bytes", String(sizes.image - 2 * MiB)];
  t.is(ask("cmp", ...middle, images[`images/${sectorSize}`] ?? "", fileOf(name)).output, "");
  const { path } = attach(t, fileOf(name), { sectorSize });
  t.regex(ask("sgdisk", "--verify", path).output, /No problems found/);
}

function said(t: ExecutionContext, name: string, what: string): string {
  const inode = lookUp(results, byteString(`files/${name}/${what}`));
  if (inode?.type !== "file") return t.fail(`${name} said nothing: no ${what}`) as never;
  return contentOf(inode).toString().trim();
}
