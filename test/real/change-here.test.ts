import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { GiB } from "../../src/base/units.ts";
import type { DeviceTree } from "../../src/devices/device-tree.ts";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import { applyChange, type ApplyContext, planChange } from "../../src/machine/change-disks.ts";
import { thisMachine } from "../../src/machine/disk-host.ts";
import { ask, judge, loopDevice, temporaryFolder } from "./loop-device.ts";
import { runMkimage } from "./mkimage.ts";
import { isLong } from "../together/is-long.ts";

// Disks of this machine that become those of another tree: read, compared, changed, and ended after each step. What only other kernels
// can do is in change-guest.test.ts.

const ext4 = (mountpoint: string, more: object = {}) => ({ type: "filesystem", format: "ext4", mountpoint, ...more });
const xfs = (mountpoint: string, more: object = {}) => ({ type: "filesystem", format: "xfs", mountpoint, ...more });

interface Case {
  readonly name: string;
  readonly old: object;
  readonly wanted: object;
  readonly destroy?: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: "ext4 grows, XFS comes behind it",
    old: { boot: { size: "64M", content: ext4("/boot") }, root: { size: "300M", content: ext4("/") } },
    wanted: {
      boot: { size: "64M", content: ext4("/boot", { label: "BOOT" }) },
      root: { size: "100%", content: ext4("/", { label: "top" }) },
      home: { size: "400M", content: xfs("/home") },
    },
  },
  {
    name: "ext4 shrinks, and another takes its room and that of one that is let go",
    old: {
      root: { size: "1G", content: ext4("/") },
      old: { size: "100%", content: { type: "filesystem", format: "xfs" } },
    },
    wanted: { root: { size: "500M", content: ext4("/") }, home: { size: "100%", content: ext4("/home") } },
    destroy: ["disk.main.content.partitions.old"],
  },
];

const longCases: readonly Case[] = [
  {
    name: "ext4 shrinks, and another takes its room",
    old: { root: { size: "100%", content: ext4("/") } },
    wanted: { root: { size: "1G", content: ext4("/") }, home: { size: "100%", content: ext4("/home") } },
  },
  {
    name: "XFS grows while it is mounted aside",
    old: { root: { size: "400M", content: xfs("/") } },
    wanted: { root: { size: "100%", content: xfs("/", { label: "top" }) } },
  },
  {
    name: "another filesystem in place of one that is let go",
    old: { data: { size: "400M", content: ext4("/data") }, root: { size: "300M", content: ext4("/") } },
    wanted: { data: { size: "400M", content: xfs("/data") }, root: { size: "600M", content: ext4("/") } },
    destroy: ["disk.main.content.partitions.data.content"],
  },
  {
    name: "a smaller swap, and a smaller ext4 in front of it",
    old: {
      root: { size: "800M", content: ext4("/") },
      swap: { size: "500M", content: { type: "swap", label: "swap" } },
    },
    wanted: {
      root: { size: "400M", content: ext4("/") },
      swap: { size: "300M", content: { type: "swap", label: "swap" } },
    },
  },
  {
    name: "names, labels and a type",
    old: { root: { size: "300M", content: ext4("/") } },
    wanted: { root: { type: "8304", label: "the root", size: "300M", content: ext4("/", { label: "top" }) } },
  },
  {
    name: "swap of another size, and a partition that goes",
    old: {
      root: { size: "300M", content: ext4("/") },
      swap: { size: "100M", content: { type: "swap" } },
      zold: { size: "1G", content: ext4("/old") },
    },
    wanted: { root: { size: "300M", content: ext4("/") }, swap: { size: "300M", content: { type: "swap" } } },
    destroy: ["disk.main.content.partitions.zold"],
  },
];

/** A disk that was made from a tree, with files on it, and what is done with it. */
async function scene(t: ExecutionContext, { old, wanted, destroy = [] }: Case) {
  const { path: device } = loopDevice(t, { size: 2 * GiB });
  const root = join(temporaryFolder(t), "root");
  mkdirSync(root);
  const release = () => {
    ask("umount", "--recursive", root);
    ask("bash", "-c", 'for one in "$0"p*; do swapoff "$one"; done', device);
  };
  t.teardown(release);
  const tree = (partitions: object): DeviceTree =>
    readDeviceTree({ disk: { main: { device, content: { type: "gpt", partitions } } } });
  const context: ApplyContext = {
    machine: thisMachine,
    signal: new AbortController().signal,
    onStep: () => {},
    approve: async (doomed) => void approved.push(...doomed.flatMap(({ loses }) => loses)),
    onNote: (line) => saved.push(...(/kept in (\S+);/.exec(line)?.slice(1) ?? [])),
  };
  const saved: string[] = [];
  const approved: string[] = [];
  t.teardown(() => saved.forEach((path) => rmSync(path)));
  const request = { tree: tree(wanted), root, destroy };
  await applyChange({ ...request, tree: tree(old), destroy: [] }, context);
  writeFileSync(join(root, "large"), Buffer.alloc(8 * 2 ** 20, "what is kept "));
  for (let one = 0; one < 50; one += 1) writeFileSync(join(root, `file ${one}`), `${one}`.repeat(one * 50));
  const files = readdirSync(root).filter((name) => /^(large|file )/.test(name));
  const bytes = new Map(files.map((name) => [name, readFileSync(join(root, name))]));
  const assertFiles = (): void => {
    for (const [name, own] of bytes) t.true(readFileSync(join(root, name)).equals(own), name);
  };
  release();
  return { device, root, request, context, assertFiles, release };
}

/** A disk in the words of other programs, but for what is drawn at random. */
function seen(device: string): string {
  const table = JSON.parse(judge("sfdisk", "--json", device)) as { partitiontable: { partitions: object[] } };
  const entries = table.partitiontable.partitions.map((one) => ({ ...one, uuid: undefined }));
  const contents = judge(
    "lsblk",
    "--list",
    "--noheadings",
    "--bytes",
    "--output",
    "NAME,SIZE,FSTYPE,LABEL,MOUNTPOINT",
    device,
  ).split("\n");
  return `${JSON.stringify(entries)}\n${contents.toSorted().join("\n")}`
    .replaceAll(/loop\d+/g, "loop")
    .replaceAll(/mkimage-disk-test-\w+/g, "test");
}

for (const one of isLong ? [...cases, ...longCases] : cases) {
  test.serial(`${one.name}: every byte is kept, and done again there is nothing to do`, async (t) => {
    const { device, request, context, assertFiles, release } = await scene(t, one);
    const { steps } = await applyChange(request, context);
    t.true(steps.length > 0);
    assertFiles();
    const first = seen(device);
    const again = await planChange(request, thisMachine, context.signal);
    t.deepEqual(again.difference.steps, []);
    t.regex(judge("sgdisk", "--verify", device), /No problems found/);
    release();

    // Ended after each of its steps, and gone on with by the same request.
    for (const count of isLong ? steps.keys().drop(1) : [3, 5]) {
      const other = await scene(t, one);
      const planned = await planChange(other.request, thisMachine, context.signal);
      await thisMachine.executor({ ...other.context }).run(planned.steps.slice(0, count));
      other.release();
      await applyChange(other.request, other.context);
      other.assertFiles();
      t.is(seen(other.device), first, `ended after ${planned.steps[count - 1]?.title}`);
      other.release();
    }
  });
}

test.serial(
  "diff says what differs, and ends as mkimage diff does; apply refuses by name what would be lost",
  async (t) => {
    const folder = temporaryFolder(t);
    const { device, root } = await scene(t, {
      name: "",
      old: { root: { size: "300M", content: ext4("/") } },
      wanted: { root: { size: "300M", content: xfs("/") } },
    });
    const file = (name: string, format: string): string => {
      const path = join(folder, name);
      const partitions = { root: { size: "300M", content: { type: "filesystem", format, mountpoint: "/" } } };
      writeFileSync(path, JSON.stringify({ disk: { main: { device, content: { type: "gpt", partitions } } } }));
      return path;
    };
    const disko = (mode: string, path: string, ...more: readonly string[]) =>
      runMkimage(["disko", "--mode", mode, "--root-mountpoint", root, path, ...more]);
    const same = await disko("diff", file("same.json", "ext4"));
    t.is(same.exitCode, 0, same.stderr);
    t.regex(same.stdout, /there is nothing to do/);
    const other = file("other.json", "xfs");
    const differs = await disko("diff", other);
    t.is(differs.exitCode, 16);
    t.regex(
      differs.stdout,
      /refused: disk\.main\.content\.partitions\.root\.content: it would be lost: a filesystem \(ext4\)/,
    );
    const json = await disko("diff", other, "--json");
    t.like(JSON.parse(json.stdout), { version: 1, same: false });
    const before = judge("md5sum", device);
    const refusal = await disko("apply", other);
    t.is(refusal.exitCode, 14);
    t.regex(refusal.stderr, /partitions\.root\.content: it would be lost/);
    const unsure = await disko("apply", other, "--destroy", "disk.main.content.partitions.root.content");
    t.is(unsure.exitCode, 14);
    t.regex(unsure.stdout, /partitions\.root\.content on \S+p1; lost would be:\s+a filesystem \(ext4\).* in it/);
    t.regex(unsure.stderr, /was not confirmed/);
    t.is(judge("md5sum", device), before, "nothing was changed");
    const sure = await disko("apply", other, "--destroy", "disk.main.content.partitions.root.content", "--yes");
    t.is(sure.exitCode, 0, sure.stderr);
    t.is(judge("findmnt", "--noheadings", "--output", "FSTYPE", root), "xfs");
    const again = await disko("apply", other, "--destroy", "disk.main.content.partitions.root.content");
    t.is(again.exitCode, 0, again.stderr);
    t.regex(again.stdout, /there is nothing to destroy/);
  },
);

test.serial("a disk whose table is damaged is left alone, with what it is", async (t) => {
  const { device, request } = await scene(t, {
    name: "",
    old: { root: { size: "300M", content: ext4("/") } },
    wanted: { root: { size: "600M", content: ext4("/") } },
  });
  judge("dd", "if=/dev/zero", `of=${device}`, "bs=512", "seek=1", "count=1", "conv=notrunc", "status=none");
  const { difference } = await planChange(request, thisMachine, new AbortController().signal);
  t.regex(difference.nodes.map(({ refusal }) => refusal ?? "").join("\n"), /the table is damaged, and not changed/);
  t.deepEqual(difference.steps, []);
});

test.serial("a disk that has grown is no damage: the table takes the rest of it", async (t) => {
  const { path: device, file } = loopDevice(t, { size: GiB });
  const root = join(temporaryFolder(t), "root");
  mkdirSync(root);
  t.teardown(() => void ask("umount", "--recursive", root));
  const partitions = { root: { size: "100%", content: ext4("/") } };
  const tree = readDeviceTree({ disk: { main: { device, content: { type: "gpt", partitions } } } });
  const say = (): void => {};
  const context = { machine: thisMachine, signal: new AbortController().signal };
  const saved: string[] = [];
  const told = {
    ...context,
    onStep: say,
    approve: async () => {},
    onNote: (line: string) => saved.push(...(/kept in (\S+);/.exec(line)?.slice(1) ?? [])),
  };
  await applyChange({ tree, root, destroy: [] }, told);
  judge("umount", root);
  truncateSync(file, 2 * GiB);
  judge("losetup", "--set-capacity", device);
  await applyChange({ tree, root, destroy: [] }, told);
  t.true(Number(judge("df", "--output=size", root).split("\n")[1]) > 1_800_000);
  t.regex(judge("sgdisk", "--verify", device), /No problems found/);
  t.true(saved.length === 1 && saved.every(existsSync));
  saved.forEach((path) => rmSync(path));
});

test.serial("plan --against says how an image differs from a tree, without a device in it", async (t) => {
  const folder = temporaryFolder(t);
  const image = join(folder, "image");
  writeFileSync(image, "");
  truncateSync(image, GiB);
  judge("sgdisk", "--new=1:2048:+400M", "--change-name=1:disk-main-root", image);
  const tree = join(folder, "tree.json");
  const plan = async (size: string) => {
    const partitions = { root: { size, content: null } };
    writeFileSync(tree, JSON.stringify({ disk: { main: { content: { type: "gpt", partitions } } } }));
    return await runMkimage(["plan", "--devices", tree, "--against", image, "--json"]);
  };
  const same = await plan("400M");
  t.is(same.exitCode, 0, same.stderr);
  t.like(JSON.parse(same.stdout), { same: true });
  const larger = await plan("100%");
  t.is(larger.exitCode, 16, larger.stderr);
  const { nodes } = JSON.parse(larger.stdout) as { nodes: { path: string; change: string }[] };
  t.like(
    nodes.find(({ path }) => path.endsWith(".root")),
    { state: "different", change: "growing", before: 400 * 2 ** 20 },
  );
});
