import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { GiB, MiB } from "../../src/base/units.ts";
import { refused } from "../../src/devices/changes/difference.ts";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import { applyChange, planChange } from "../../src/machine/change-disks.ts";
import { thisMachine } from "../../src/machine/disk-host.ts";
import { step } from "../../src/steps/step.ts";
import { ask, judge, loopDevice, temporaryFolder } from "./loop-device.ts";
import { context, signal } from "./change-context.ts";

// Devices of this machine that look empty, and are not.

const ext4 = { type: "filesystem", format: "ext4", mountpoint: "/" };
/** Trees on these disks, and where they are mounted. */
function place(t: ExecutionContext) {
  const root = join(temporaryFolder(t), "root");
  mkdirSync(root);
  t.teardown(() => void ask("umount", "--recursive", root));
  const request = (disks: readonly (readonly [device: string, content: object])[], destroy: string[] = []) => ({
    tree: readDeviceTree({
      disk: Object.fromEntries(disks.map(([device, content], at) => [`d${at}`, { device, content }])),
    }),
    root,
    destroy,
  });
  return { root, request };
}

for (const [what, at] of [
  ["first", MiB],
  ["last", 32 * MiB],
] as const) {
  test.serial(
    `a byte in the ${what} MiB of a partition without a mark keeps it from being empty, until what is said is done`,
    async (t) => {
      const { path: device } = loopDevice(t, { size: 48 * MiB });
      const { root, request } = place(t);
      judge("sgdisk", "--new=1:2048:+32M", "--change-name=1:disk-d0-data", device);
      judge("partx", "--update", device);
      judge("bash", "-c", 'printf x | dd of="$0" bs=1 seek=$1 conv=notrunc status=none', device, `${at + MiB - 7}`);
      const before = judge("md5sum", device);
      const disks = [[device, { type: "gpt", partitions: { data: { size: "32M", content: ext4 } } }]] as const;
      const error = await t.throwsAsync(applyChange(request(disks), context), {
        message: /there is data without a mark on it; a mkfs that was ended in the middle of its work leaves that too/,
      });
      t.is(judge("md5sum", device), before);
      const advised = /run the same command with --destroy (\S+)$/.exec(error.message)?.[1] ?? "";
      await applyChange(request(disks, [advised]), context);
      t.is(judge("findmnt", "--noheadings", "--output", "FSTYPE", root), "ext4");
    },
  );
}

test.serial("each device of a btrfs on two grows by its own number, and is not taken for an empty one", async (t) => {
  const disks = [loopDevice(t, { size: GiB }), loopDevice(t, { size: GiB })].map(({ path }) => path);
  const [one = "", two = ""] = disks;
  const { root, request } = place(t);
  const table = (size: string, content: object | null) => ({ type: "gpt", partitions: { part: { size, content } } });
  const btrfs = { type: "btrfs", mountpoint: "/", extraArgs: ["-d", "single", `${one}p1`] };
  await applyChange(
    request([
      [one, table("300M", null)],
      [two, table("300M", btrfs)],
    ]),
    context,
  );
  judge("dd", "if=/dev/urandom", `of=${join(root, "file")}`, "bs=1M", "count=100", "status=none");
  const sum = judge("md5sum", join(root, "file"));
  const destroyed = await planChange(
    request([
      [one, table("300M", { ...ext4, mountpoint: "/other" })],
      [two, table("300M", btrfs)],
    ]),
    thisMachine,
    signal,
  );
  t.regex(refused(destroyed.difference)[0]?.refusal ?? "", /a device of a filesystem \(btrfs\) on several/);
  const larger = request([
    [one, table("600M", null)],
    [two, table("900M", btrfs)],
  ]);
  await applyChange(larger, context);
  t.is(judge("md5sum", join(root, "file")), sum);
  const sizes = [...judge("btrfs", "filesystem", "show", "--mbytes", root).matchAll(/size ([\d.]+)MiB/g)];
  t.deepEqual(
    sizes.map(([, size]) => Number(size)),
    [600, 900],
  );
  t.deepEqual((await planChange(larger, thisMachine, signal)).difference.steps, []);
});

test.serial(
  "killed before the table is written, what was at a new partition's place is gone, and nothing is in the way",
  async (t) => {
    const { path: device } = loopDevice(t, { size: GiB });
    const { root, request } = place(t);
    judge("sgdisk", "--zap-all", "--new=1:2048:+64M", "--change-name=1:disk-d0-boot", "--new=2:204800:+300M", device);
    judge("partx", "--update", device);
    for (const part of [`${device}p1`, `${device}p2`]) judge("mkfs.ext4", "-q", "-L", "before", part);
    judge("sgdisk", "--delete=2", device);
    judge("partx", "--delete", "--nr", "2", device);
    const boot = { size: "64M", content: { ...ext4, mountpoint: "/boot" } };
    const data = { start: "100M", size: "300M", content: ext4 };
    const wanted = request([[device, { type: "gpt", partitions: { boot, data } }]]);
    const { steps } = await planChange(wanted, thisMachine, signal);
    const at = steps.findIndex(({ title }) => title.startsWith("change the partition table"));
    const table = steps[at];
    if (table?.kind !== "commands") return t.fail();
    const written = table.commands.findIndex(({ argv }) => argv[0] === "change_table");
    for (const end of [written, written + 2]) {
      const killed = { ...table, commands: table.commands.slice(0, end) };
      await thisMachine.executor({ ...context, signal }).run([...steps.slice(0, at), killed]);
      await planChange(wanted, thisMachine, signal);
    }
    await applyChange(wanted, context);
    t.is(judge("findmnt", "--noheadings", "--output", "SOURCE", root), `${device}p2`);
    t.is(labelOf(`${device}p1`), "before");
    t.not(labelOf(`${device}p2`), "before");
    t.regex(judge("sgdisk", "--verify", device), /No problems found/);
  },
);

for (const size of [MiB / 2, 2 * MiB, 5 * MiB]) {
  test.serial(`a disk of ${size} bytes is wiped at both ends`, async (t) => {
    const { path: device } = loopDevice(t, { size, filled: 0x55 });
    const wipe = step("disk.d0", "wipe", [], ["wipe_disk", device]);
    await thisMachine.executor({ ...context, signal }).run([wipe]);
    const bytes = readFileSync(device);
    t.true(bytes.subarray(0, 4 * MiB).every((byte) => byte === 0));
    t.true(bytes.subarray(-MiB).every((byte) => byte === 0));
  });
}

test.serial("on a disk with sectors of 4096 bytes partitions grow and come where they are meant", async (t) => {
  const { path: device } = loopDevice(t, { size: GiB, sectorSize: 4096 });
  const { root, request } = place(t);
  const tree = (partitions: object) => request([[device, { type: "gpt", partitions }]]);
  await applyChange(tree({ root: { size: "200M", content: ext4 } }), context);
  judge("dd", "if=/dev/urandom", `of=${join(root, "file")}`, "bs=1M", "count=50", "status=none");
  const sum = judge("md5sum", join(root, "file"));
  const home = { size: "100M", content: { ...ext4, mountpoint: "/home" } };
  const larger = tree({ root: { size: "300M", content: ext4 }, home });
  judge("umount", root);
  await applyChange(larger, context);
  t.is(judge("md5sum", join(root, "file")), sum);
  t.deepEqual((await planChange(larger, thisMachine, signal)).difference.steps, []);
  const sizes = judge("lsblk", "--noheadings", "--bytes", "--raw", "--output", "SIZE", `${device}p1`, `${device}p2`);
  t.deepEqual(sizes.split("\n").map(Number), [300 * MiB, 100 * MiB]);
  t.regex(judge("sgdisk", "--verify", device), /No problems found/);
});

test.serial("killed between the table and the kernel's look at it, it says what to do, and goes on then", async (t) => {
  const { path: device } = loopDevice(t, { size: 512 * MiB });
  const { root, request } = place(t);
  const tree = (size: string) => request([[device, { type: "gpt", partitions: { root: { size, content: ext4 } } }]]);
  await applyChange(tree("128M"), context);
  judge("umount", root);
  const { steps } = await planChange(tree("256M"), thisMachine, signal);
  const at = steps.findIndex(({ title }) => title.startsWith("change the partition table"));
  const table = steps[at];
  if (table?.kind !== "commands") return t.fail();
  const written = table.commands.findIndex(({ argv }) => argv[0] === "change_table");
  const killed = { ...table, commands: table.commands.slice(0, written + 1) };
  await thisMachine.executor({ ...context, signal }).run([...steps.slice(0, at), killed]);
  const { difference } = await planChange(tree("256M"), thisMachine, signal);
  const advice = /by (partx --update \S+); then run this again$/.exec(refused(difference)[0]?.refusal ?? "")?.[1];
  t.is(advice, `partx --update ${device}`);
  judge("partx", "--update", device);
  await applyChange(tree("256M"), context);
  t.is(judge("lsblk", "--noheadings", "--bytes", "--output", "SIZE", `${device}p1`), String(256 * MiB));
  t.deepEqual((await planChange(tree("256M"), thisMachine, signal)).difference.steps, []);
});

for (const isInTree of [true, false]) {
  test.serial(
    `a disk on which a system hibernates is not changed, its swap ${isInTree ? "" : "not "}in the tree`,
    async (t) => {
      const { path: device } = loopDevice(t, { size: 512 * MiB });
      const { root, request } = place(t);
      const swap = { size: "64M", content: { type: "swap" } };
      const tree = (size: string, others: object, destroy: string[] = []) =>
        request([[device, { type: "gpt", partitions: { ...others, root: { size, content: ext4 } } }]], destroy);
      await applyChange(tree("128M", { boot: swap }), context);
      judge("umount", root);
      judge("swapoff", `${device}p1`);
      // As the kernel marks it (S1SUSPEND of util-linux's own list).
      judge(
        "bash",
        "-c",
        `printf 'S1SUSPEND\\0' | dd of="$0" bs=1 seek=4086 conv=notrunc,fsync status=none`,
        `${device}p1`,
      );
      const before = judge("md5sum", device);
      const others = isInTree ? { boot: swap } : {};
      const named = ["disk.d0.content.partitions.boot", "disk.d0.content.partitions.boot.content"];
      for (const wanted of [tree("256M", others), tree("256M", others, named)]) {
        await t.throwsAsync(applyChange(wanted, context), { message: /a system hibernates on \S+p1, and goes on/ });
      }
      t.is(judge("md5sum", device), before);
      judge("mkswap", `${device}p1`);
      await applyChange(tree("256M", others), context);
      t.is(judge("lsblk", "--noheadings", "--bytes", "--output", "SIZE", `${device}p2`), String(256 * MiB));
      ask("swapoff", `${device}p1`);
    },
  );
}

test.serial("what is mounted through a loop device over a partition is neither grown nor destroyed", async (t) => {
  const { path: device } = loopDevice(t, { size: 256 * MiB });
  const { request } = place(t);
  const tree = (size: string, content: object, destroy: string[] = []) =>
    request([[device, { type: "gpt", partitions: { root: { size, content } } }]], destroy);
  judge("sgdisk", "--new=1:2048:+64M", "--change-name=1:disk-d0-root", device);
  judge("partx", "--update", device);
  judge("mkfs.ext4", "-q", `${device}p1`);
  const above = judge("losetup", "--find", "--show", `${device}p1`);
  t.teardown(() => void ask("losetup", "--detach", above));
  const mounted = temporaryFolder(t);
  judge("mount", above, mounted);
  t.teardown(() => void ask("umount", mounted));
  const content = "disk.d0.content.partitions.root.content";
  for (const wanted of [tree("128M", ext4), tree("64M", { ...ext4, format: "xfs" }, [content])]) {
    const { difference } = await planChange(wanted, thisMachine, signal);
    t.regex(
      refused(difference)
        .map(({ refusal }) => refusal)
        .join("\n"),
      new RegExp(`it is used through ${above}:`),
    );
  }
  judge("umount", mounted);
  judge("losetup", "--detach", above);
  t.deepEqual(refused((await planChange(tree("128M", ext4), thisMachine, signal)).difference), []);
});

function labelOf(device: string): string {
  return ask("blkid", "--probe", "--output", "value", "--match-tag", "LABEL", device).output.trim();
}
