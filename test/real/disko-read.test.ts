import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { asNobody } from "./circumstances.ts";
import { ask, judge, loopDevice, temporaryFolder } from "./loop-device.ts";
import { mkimage, runMkimage } from "./mkimage.ts";
import { isLong } from "../together/is-long.ts";

// The trees of disks that real tools made on loop devices of this machine: each is read, another disk is formatted as it
// says, and other programs say that both are alike.

const fixtures = join(import.meta.dirname, "../../fixtures/devices");
const size = 2 ** 31;

/** The tree of a disk, as `mkimage` prints it, and what it notes beside. */
async function treeOf(t: ExecutionContext, device: string, ...options: string[]) {
  const { stdout, stderr } = await mkimage(t, ["disko", "--mode", "read", device, ...options]);
  return { text: stdout, notes: stderr };
}

/** Makes the disks of a tree whose disks are called so. */
async function format(t: ExecutionContext, text: string, from: string, to: string): Promise<void> {
  const file = join(temporaryFolder(t), "tree.json");
  writeFileSync(file, text.replaceAll(from, to));
  await mkimage(t, ["disko", "--mode", "format", "--quiet", file]);
}

/** A disk as other programs see it. */
function seen(device: string): string {
  const table = judge("sfdisk", "--dump", device);
  // They are listed in the order in which the kernel has come to know them.
  const parts = judge("lsblk", "--list", "--noheadings", "--output", "PATH", device).split("\n").slice(1).toSorted();
  const marks = parts.map((part) => ask("blkid", "--probe", "--output", "export", part).output);
  return [table, ...marks]
    .join("\n")
    .replaceAll(device, "DISK")
    .replaceAll(/^(first-lba|last-lba|PART_ENTRY_DISK|UUID_SUB).*\n/gm, "");
}

const more = "simple-efi table-gpt f2fs-xfs tmpfs-root boot-ext4-swap boot-btrfs-subvolumes long-device-name".split(
  " ",
);

for (const name of ["hybrid", "msdos", "btrfs", ...(isLong ? more : [])]) {
  test.serial(`${name}: what was made is read, and made again alike`, async (t) => {
    const [one, other] = [loopDevice(t, { size }).path, loopDevice(t, { size }).path];
    const text = readFileSync(join(fixtures, `${name}.json`), "utf8");
    await format(t, text, /"device": *"([^"]+)"/.exec(text)?.[1] ?? "", one);
    const tree = await treeOf(t, one);
    t.is(tree.notes, "");
    const before = seen(one);
    // Two filesystems of one UUID are too many for btrfs.
    judge("sh", "-c", `wipefs --quiet --all ${one}p* && btrfs device scan --forget`);
    await format(t, tree.text, one, other);
    t.is(seen(other), before);
    t.is((await treeOf(t, other)).text.replaceAll(basename(other), basename(one)), tree.text);
  });
}

test.serial("as Debian's installer does it: an extended partition right before the logical ones", async (t) => {
  const [one, other] = [loopDevice(t, { size }).path, loopDevice(t, { size }).path];
  const lines = [
    "1 : start=2048, size=2000000, type=83, bootable",
    "2 : start=2004094, size=2190210, type=5",
    "5 : start=2004096, size=999424, type=82",
    "6 : start=3005568, size=1188736, type=83",
  ];
  judge("sh", "-c", `printf '%s\\n' "label: dos" "$@" | sfdisk --quiet ${one}`, "sh", ...lines);
  judge("partprobe", one);
  judge("mkfs.ext4", "-q", `${one}p1`);
  judge("mkswap", `${one}p5`);
  judge("mkfs.ext4", "-q", "-L", "home", `${one}p6`);
  const tree = await treeOf(t, one);
  t.regex(tree.notes, /content\.partitions\[1\]: its type is 05; a tree makes 0f/);
  await format(t, tree.text, one, other);
  t.is(seen(other), seen(one).replace("type=5", "type=f").replace("TYPE=0x5", "TYPE=0xf"));
});

test.serial("in use: where it is mounted and swapped to, and as Nix", async (t) => {
  const { path: device } = loopDevice(t, { size });
  await format(t, readFileSync(join(fixtures, "msdos.json"), "utf8"), "/dev/sda", device);
  const root = join(temporaryFolder(t), "root");
  mkdirSync(root);
  judge("mount", "-o", "noatime", `${device}p5`, root);
  t.teardown(() => judge("umount", root));
  const { text } = await treeOf(t, device, "--root-mountpoint", root, "--nix");
  const nix = `with builtins; let
    inherit (${text}) disko;
    table = (head (attrValues disko.devices.disk)).content;
    root = (elemAt table.partitions 2).content;
  in "\${root.format} \${root.mountpoint} \${toString root.mountOptions}"`;
  t.is(judge("nix-instantiate", "--eval", "--expr", nix), '"ext4 / noatime"');
});

test.serial(
  "a damaged GPT is read by its other copy, and said to be damaged; one without either is no tree",
  async (t) => {
    const { path: device, file } = loopDevice(t, { size });
    await format(t, readFileSync(join(fixtures, "simple-efi.json"), "utf8"), "/dev/sda", device);
    const before = await treeOf(t, device);
    judge("dd", "if=/dev/urandom", `of=${device}`, "bs=512", "seek=1", "count=1", "conv=notrunc,fsync");
    const damaged = await treeOf(t, device);
    t.is(damaged.text, before.text);
    t.regex(damaged.notes, /the partitions are those of the backup table/);
    judge("dd", "if=/dev/zero", `of=${device}`, "bs=1M", "seek=2047", "count=1", "conv=notrunc,fsync");
    const lost = await treeOf(t, device);
    t.false(lost.text.includes("content"), file);
    t.regex(lost.notes, /the primary table/);
  },
);

test.serial("a disk that does not give all of its bytes: what can be read is, and the rest is named", async (t) => {
  const { path: device, file } = loopDevice(t, { size: 2 ** 28 });
  judge("sgdisk", "--new=1:0:+64M", "--new=2:0:0", device);
  judge("partprobe", device);
  judge("mkfs.ext4", "-q", `${device}p1`);
  judge("mkfs.ext4", "-q", `${device}p2`);
  const whole = await treeOf(t, device);
  // The kernel goes on to think that all of the device is there.
  judge("truncate", "--size=65M", file);
  judge("blockdev", "--flushbufs", device);
  judge("blockdev", "--flushbufs", `${device}p2`);
  const { text, notes } = await treeOf(t, device);
  t.regex(notes, /content: its end cannot be read: EIO/);
  t.regex(notes, /partitions\.part2\.content: it cannot be read: EIO/);
  t.is(text.split('"format": "ext4"').length, 2);
  t.is(whole.text.split('"format": "ext4"').length, 3);
});

test.serial(
  "images: the same tree as from the disk, by anybody, raw and qcow2, with the mount points of their fstab",
  async (t) => {
    const { path: device, file } = loopDevice(t, { size });
    await format(t, readFileSync(join(fixtures, "msdos.json"), "utf8"), "/dev/sda", device);
    const folder = temporaryFolder(t);
    const root = join(folder, "root");
    mkdirSync(join(root, "etc"), { recursive: true });
    judge("mount", `${device}p5`, root);
    mkdirSync(join(root, "etc"));
    writeFileSync(
      join(root, "etc/fstab"),
      `/dev/sda9 /nowhere ext4 defaults\nUUID=${judge("blkid", "-o", "value", "-s", "UUID", `${device}p5`)} / ext4 noatime 0 1\n`,
    );
    judge("umount", root);
    judge("sync", file);
    const live = (await treeOf(t, device)).text;
    const images = [join(folder, "disk.raw"), join(folder, "disk.qcow2")];
    judge("cp", "--sparse=always", file, images[0] ?? "");
    judge("qemu-img", "convert", "-O", "qcow2", images[0] ?? "", images[1] ?? "");
    for (const path of images) chmodSync(path, 0o755);
    const through = asNobody(folder);
    const ofImage = async (image = "") => (await mkimage(t, ["disko", "--mode", "read", image], { through })).stdout;
    const [raw, qcow2] = [await ofImage(images[0]), await ofImage(images[1])];
    t.is(qcow2, raw);
    const withMount = '"mountpoint": "/",\n              "mountOptions": [\n                "noatime"\n              ]';
    t.true(raw.includes(withMount), raw);
    const content = (text: string) =>
      (Object.values((JSON.parse(text) as { disk: object }).disk)[0] as { content: object }).content;
    const unmounted = raw.replace(/,\s*"mountpoint": "\/",\s*"mountOptions": \[\s*"noatime"\s*\]/, "");
    t.deepEqual(content(unmounted), content(live));
  },
);

test.serial("names that a terminal would obey are shown as numbers; JSON has them as they are", async (t) => {
  const { path: device } = loopDevice(t, { size: 2 ** 26 });
  const name = "\u001b[31m\u202e${x}";
  judge("sgdisk", "--new=1:0:0", `--change-name=1:${name}`, device);
  judge("partprobe", device);
  judge("mkfs.ext4", "-q", "-L", "\u001b]0;x", `${device}p1`);
  const [json, nix] = [await treeOf(t, device), await treeOf(t, device, "--nix")];
  for (const { text, notes } of [json, nix]) t.notRegex(text + notes, /[^\n\P{C}]/u);
  const tree = JSON.parse(json.text) as {
    disk: Record<string, { content: { partitions: Record<string, { label: string }> } }>;
  };
  const partitions = Object.values(tree.disk).flatMap(({ content }) => Object.values(content.partitions));
  t.deepEqual(
    partitions.map(({ label }) => label),
    [name],
  );
  t.regex(nix.notes, /some names have characters that a terminal would obey/);
});

test.serial("a partition, a file that is not there and a disk that is named twice are refused", async (t) => {
  const { path: device } = loopDevice(t, { size });
  await format(t, readFileSync(join(fixtures, "simple-efi.json"), "utf8"), "/dev/sda", device);
  const refused = async (...paths: string[]) => {
    const { exitCode, stdout, stderr } = await runMkimage(["disko", "--mode", "read", ...paths]);
    t.not(exitCode, 0);
    t.is(stdout, "");
    return stderr;
  };
  t.regex(await refused(`${device}p1`), /is a partition of loop/);
  t.regex(await refused("/dev/nothing"), /there is nothing at/);
  t.regex(await refused(device, device), /is given twice/);
  t.regex(await refused(), /no disk is named/);
});
