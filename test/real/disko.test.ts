import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { asNobody } from "./circumstances.ts";
import { ask, judge, loopDevice, temporaryFolder } from "./loop-device.ts";
import { runMkimage } from "./mkimage.ts";

// `mkimage disko` on this machine, as root, on loop devices.

const MiB = 2 ** 20;

const gpt = {
  type: "gpt",
  partitions: {
    "a swap": { size: "16M", content: { type: "swap" } },
    boot: {
      size: "25%",
      content: {
        type: "filesystem",
        format: "ext4",
        mountpoint: "/boot",
        uuid: "97fd5997-d90b-4aa3-8d16-c1723aea73c0",
      },
    },
    root: {
      size: "100%",
      attributes: [2],
      content: {
        type: "filesystem",
        format: "ext4",
        label: "root",
        mountpoint: "/",
        postMountHook: 'echo "$device" >"$rootMountPoint/hook"',
      },
    },
  },
};

const msdos = {
  type: "table",
  format: "msdos",
  signature: "0x1a2b3c4d",
  partitions: [
    {
      start: "1MiB",
      end: "32MiB",
      "fs-type": "ext4",
      bootable: true,
      content: { type: "filesystem", format: "ext4", mountpoint: "/boot" },
    },
    { "part-type": "extended", start: "32MiB" },
    { "part-type": "logical", start: "34MiB", content: { type: "filesystem", format: "ext4", mountpoint: "/" } },
  ],
};

/** A loop device, a tree for it in a file, and a folder with a difficult name to mount it in. */
function scene(t: ExecutionContext, content: object) {
  const { path: device } = loopDevice(t, { size: 256 * MiB });
  const folder = temporaryFolder(t);
  const root = join(folder, "it's the root");
  const file = join(folder, "disk.json");
  mkdirSync(root);
  writeFileSync(file, JSON.stringify({ disk: { main: { device, content } } }));
  t.teardown(() => {
    for (const place of [join(root, "boot"), root]) if (ask("findmnt", place).status === 0) judge("umount", place);
    for (const number of [1, 2, 3]) ask("swapoff", `${device}p${number}`);
  });
  const disko = async (mode: string, ...more: string[]) => {
    const run = await runMkimage(["disko", "--mode", mode, "--root-mountpoint", root, file, ...more]);
    return run;
  };
  const succeed = async (mode: string, ...more: string[]) => {
    const run = await disko(mode, ...more);
    t.is(run.exitCode, 0, run.stderr);
    return run;
  };
  return { device, root, file, disko, succeed };
}

test.serial("gpt: format, mount and unmount, each twice; what is there stays; destroy, and again", async (t) => {
  const { device, root, succeed } = scene(t, gpt);
  await succeed("format,mount", "--seed", "a seed");
  const table = judge("sfdisk", "--json", device);
  const { partitions } = (JSON.parse(table) as Table).partitiontable;
  t.deepEqual(
    partitions.map(({ start, size, name }) => [start, size, name]),
    [
      [2048, 32768, "disk-main-a swap"],
      [34816, 131072, "disk-main-boot"],
      [165888, 356352, "disk-main-root"],
    ],
  );
  t.is(partitions[2]?.attrs, "LegacyBIOSBootable");
  t.deepEqual(mountsBelow(root), [
    { target: root, source: `${device}p3`, fstype: "ext4" },
    { target: join(root, "boot"), source: `${device}p2`, fstype: "ext4" },
  ]);
  t.is(judge("blkid", "-o", "value", "-s", "UUID", `${device}p2`), "97fd5997-d90b-4aa3-8d16-c1723aea73c0");
  t.is(judge("blkid", "-o", "value", "-s", "LABEL", `${device}p3`), "root");
  t.true(judge("swapon", "--show=NAME", "--noheadings").includes(`${device}p1`));
  t.is(readFileSync(join(root, "hook"), "utf8"), `${device}p3\n`);
  writeFileSync(join(root, "boot/file"), "kept");
  const uuids = uuidsOf(device);

  await succeed("mount");
  t.is(mountsBelow(root).length, 2);
  await succeed("unmount");
  await succeed("unmount");
  t.is(ask("findmnt", root).status, 1);
  t.false(judge("swapon", "--show=NAME", "--noheadings").includes(device));
  await succeed("format,mount");
  t.is(readFileSync(join(root, "boot/file"), "utf8"), "kept");
  t.is(judge("sfdisk", "--json", device), table);

  await succeed("destroy", "--yes-wipe-all-disks");
  t.is(judge("wipefs", "--no-act", "--noheadings", device), "");
  t.is(judge("lsblk", "--noheadings", "--list", "--output", "NAME", device).split("\n").length, 1);
  await succeed("destroy,format,mount", "--seed", "a seed", "--yes-wipe-all-disks");
  t.false(existsSync(join(root, "boot/file")));
  t.deepEqual(uuidsOf(device), uuids, "the same seed gives the same UUIDs");
  await succeed("unmount");
});

test.serial("msdos: logical partitions, the active flag, the signature", async (t) => {
  const { device, root, succeed } = scene(t, msdos);
  await succeed("disko", "--yes-wipe-all-disks");
  const { label, id, partitions } = (JSON.parse(judge("sfdisk", "--json", device)) as Table).partitiontable;
  t.is(label, "dos");
  t.is(id, "0x1a2b3c4d");
  t.deepEqual(
    partitions.map(({ node, type, bootable }) => [node, type, bootable ?? false]),
    [
      [`${device}p1`, "83", true],
      [`${device}p2`, "f", false],
      [`${device}p5`, "83", false],
    ],
  );
  t.deepEqual(
    mountsBelow(root).map(({ source }) => source),
    [`${device}p5`, `${device}p1`],
  );
  writeFileSync(join(root, "file"), "kept");
  await succeed("unmount");
  await succeed("format,mount");
  t.is(readFileSync(join(root, "file"), "utf8"), "kept");
  await succeed("unmount");
});

test.serial("what a deleted partition left is over on a disk that this run has wiped, and only there", async (t) => {
  const { device, disko, succeed } = scene(t, gpt);
  await succeed("format");
  judge("wipefs", "--all", `${device}p3`);
  judge("mkswap", "--label", "stale", `${device}p3`);
  const lose = () => {
    judge("wipefs", "--all", device);
    judge("partprobe", device);
  };
  lose();
  const alone = await disko("format");
  t.is(alone.exitCode, 6, alone.stderr);
  t.regex(alone.stderr, /p3 holds swap \(LABEL stale/);
  lose();
  await succeed("destroy,format,format", "--yes-wipe-all-disks");
  t.is(judge("blkid", "-o", "value", "-s", "TYPE", `${device}p3`), "ext4");
});

test.serial("a disk that was destroyed can be formatted by another run, whatever ext4 keeps at its end", async (t) => {
  const { device, disko, succeed } = scene(t, { type: "filesystem", format: "ext4", mountpoint: "/" });
  await succeed("format");
  judge("dd", "if=/dev/zero", `of=${device}`, "bs=1M", "count=1", "conv=notrunc");
  const refused = await disko("format");
  t.is(refused.exitCode, 6, refused.stderr);
  t.regex(refused.stderr, /holds an ext filesystem whose first superblock is lost/);
  await succeed("destroy", "--yes-wipe-all-disks");
  await succeed("format");
});

test.serial(
  "an extended partition that was destroyed is in no way of what another run makes at its place",
  async (t) => {
    const { device, file, succeed } = scene(t, msdos);
    await succeed("format");
    await succeed("destroy", "--yes-wipe-all-disks");
    const content = { type: "filesystem", format: "ext4", mountpoint: "/" };
    const another = { type: "gpt", partitions: { root: { start: "32M", size: "100%", content } } };
    writeFileSync(file, JSON.stringify({ disk: { main: { device, content: another } } }));
    await succeed("format");
    t.is(judge("blkid", "-o", "value", "-s", "TYPE", `${device}p1`), "ext4");
  },
);

test.serial("the records between logical partitions are destroyed with their disk", async (t) => {
  const { device, file, succeed } = scene(t, msdos);
  // As fdisk does it: each record a mebibyte before its partition, where others begin one.
  const logical = ["36MiB", "40MiB", "44MiB"].map((start) => `start=${start}, size=3MiB, type=83`);
  const lines = ["label: dos", "start=34MiB, type=5", ...logical];
  judge("sh", "-c", 'printf "%s\\n" "$@" | sfdisk --quiet "$0"', device, ...lines);
  const records = [34, 39, 43].map((place) => place * MiB);
  t.deepEqual(
    records.map((place) => markAt(device, place)),
    ["55aa", "55aa", "55aa"],
  );
  await succeed("destroy", "--yes-wipe-all-disks");
  t.deepEqual(
    records.map((place) => markAt(device, place)),
    ["0000", "0000", "0000"],
  );
  const content = { type: "filesystem", format: "ext4", mountpoint: "/" };
  const another = { type: "gpt", partitions: { root: { start: "39M", size: "100%", content } } };
  writeFileSync(file, JSON.stringify({ disk: { main: { device, content: another } } }));
  await succeed("format");
  t.is(judge("blkid", "-o", "value", "-s", "TYPE", `${device}p1`), "ext4");
});

test.serial("nothing is destroyed without consent, and the user sees what would be", async (t) => {
  const { device, disko } = scene(t, gpt);
  judge("mkfs.ext4", "-q", "-L", "photos", device);
  const run = await disko("destroy,format");
  t.is(run.exitCode, 14, run.stderr);
  t.true(run.stdout.includes('ext4 "photos"'), run.stdout);
  t.true(run.stderr.includes("--yes-wipe-all-disks"));
  t.is(judge("blkid", "-o", "value", "-s", "LABEL", device), "photos");
});

test.serial("a disk that is in use is refused, whatever the user says", async (t) => {
  const { device, root, disko } = scene(t, gpt);
  judge("mkfs.ext4", "-q", device);
  const elsewhere = `${root} elsewhere`;
  mkdirSync(elsewhere);
  judge("mount", device, elsewhere);
  const run = await disko("destroy,format", "--yes-wipe-all-disks");
  judge("umount", elsewhere);
  t.is(run.exitCode, 14, run.stderr);
  t.true(run.stderr.includes(`mounted on ${elsewhere}`), run.stderr);
  t.is(judge("blkid", "-o", "value", "-s", "TYPE", device), "ext4");
});

test.serial("formatting alone never gives a table to a disk that holds something", async (t) => {
  const { device, disko } = scene(t, gpt);
  judge("mkfs.ext4", "-q", device);
  const run = await disko("format");
  t.is(run.exitCode, 6, run.stderr);
  t.true(run.stderr.includes("holds ext4"), run.stderr);
  t.is(judge("blkid", "-o", "value", "-s", "TYPE", device), "ext4");
});

test.serial("a dry run prints a script, and changes nothing", async (t) => {
  const { device, root, succeed } = scene(t, gpt);
  const { stdout } = await succeed("destroy,format,mount", "--dry-run");
  t.true(stdout.startsWith("#!/usr/bin/env bash\n"));
  t.true(stdout.includes(`wipe_disk ${device}`));
  t.true(stdout.includes("--new=2:34816:165887"), "the real size of the disk is known");
  t.is(judge("wipefs", "--no-act", "--noheadings", device), "");
  t.is(ask("findmnt", root).status, 1);
});

test.serial("a step that fails is named, with its command and its last words", async (t) => {
  const { disko } = scene(t, {
    type: "filesystem",
    format: "ext4",
    mountpoint: "/",
    extraArgs: ["-O", "no_such_feature"],
  });
  const run = await disko("format");
  t.is(run.exitCode, 6);
  t.regex(run.stderr, /could not make a filesystem \(ext4\) on \/dev\/loop\d+\n {2}mkfs\.ext4 -O no_such_feature/);
  t.true(run.stderr.includes("Invalid filesystem option set: no_such_feature"), run.stderr);
  const { stderr } = await disko("format", "--json");
  t.regex(stderr, /\{"event":"failed","title":"make a filesystem \(ext4\)[^]*\n\{"event":"error"/);
});

test.serial("only root may do it, and wrong calls are told apart", async (t) => {
  const folder = temporaryFolder(t);
  const tree = join(folder, "tree.json");
  copyFileSync("fixtures/devices/simple-efi.json", tree);
  const through = asNobody(folder);
  const { exitCode, stderr } = await runMkimage(["disko", "--mode", "mount", tree], { through });
  t.is(exitCode, 2);
  t.true(stderr.includes("only root"), stderr);
  for (const wrong of [["--mode", "wipe", "a.json"], [], ["a.json", "--flake", ".#x"]])
    t.is((await runMkimage(["disko", ...wrong])).exitCode, 2, wrong.join(" "));
});

interface Table {
  readonly partitiontable: {
    readonly label: string;
    readonly id: string;
    readonly partitions: readonly {
      readonly node: string;
      readonly start: number;
      readonly size: number;
      readonly type: string;
      readonly name?: string;
      readonly attrs?: string;
      readonly bootable?: boolean;
    }[];
  };
}

function mountsBelow(root: string): { target: string; source: string; fstype: string }[] {
  const text = judge("findmnt", "--json", "--list", "--submounts", "--output", "TARGET,SOURCE,FSTYPE", root);
  return (JSON.parse(text) as { filesystems: { target: string; source: string; fstype: string }[] }).filesystems;
}

function uuidsOf(device: string): string[] {
  return [1, 2, 3].map((number) => judge("blkid", "--probe", "-o", "export", `${device}p${number}`));
}

test.serial("for programs each step is an event, and the result is JSON; --quiet says nothing", async (t) => {
  const { disko, device, root } = scene(t, gpt);
  const { exitCode, stdout, stderr } = await disko("format,mount", "--json");
  t.is(exitCode, 0, stderr);
  t.deepEqual(JSON.parse(stdout), { version: 1, modes: ["format", "mount"], root, disks: [{ name: "main", device }] });
  const events = stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string; title?: string });
  const titles = (event: string) => events.flatMap((one) => (one.event === event ? [one.title] : []));
  t.true(titles("task").some((title) => title?.startsWith("make a filesystem (ext4)")));
  const steps = events.filter(({ event }) => event !== "start" && event !== "note");
  const pairs = titles("task").flatMap((title) => [`task ${title}`, `done ${title}`]);
  t.deepEqual(
    steps.map(({ event, title }) => `${event} ${title}`),
    pairs,
    "each step ends before the next one begins",
  );

  const shown = (await disko("mount", "--json", "--verbose")).stderr.trim().split("\n");
  t.notThrows(() => shown.map((line) => JSON.parse(line) as unknown), "a trace is told as events too");
  t.true(shown.some((line) => line.startsWith('{"event":"output","text":"+ ')));

  const quiet = await disko("unmount", "--quiet");
  t.like(quiet, { exitCode: 0, stdout: "", stderr: "" });
});

test("a tree is shown without a system, as JSON too", async (t) => {
  const file = join(temporaryFolder(t), "disk.json");
  writeFileSync(file, JSON.stringify({ disk: { main: { content: gpt } } }));
  const shown = await runMkimage(["plan", "--devices", file]);
  t.is(shown.exitCode, 0, shown.stderr);
  t.regex(shown.stdout, /system +none[^]*disk-main-a swap +swap\n[^]*disk-main-root +ext4 root on \/,/);
  t.regex(shown.stderr, /note: no system is named/);
  const { disks } = JSON.parse((await runMkimage(["plan", "--devices", file, "--json"])).stdout);
  t.is(disks.length, 1);
});

/** The mark of a table or boot code in the sector at a place of a device. */
function markAt(device: string, place: number): string {
  judge("blockdev", "--flushbufs", device);
  return judge("od", "-An", "-tx1", "-j", String(place + 510), "-N", "2", device).replaceAll(" ", "");
}
