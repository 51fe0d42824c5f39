import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { demoSystem, judge, mkimage, reportOf, testFolder } from "./mkimage.ts";

const MiB = 1024 ** 2;

/** Two disks whose names are those of other disks in a guest; the filesystem on the second mirrors itself onto the first. */
function mirror(lent: string): object {
  const extraArgs = ["-f", "-d raid1", "-m raid1", lent];
  const gpt = (partitions: object) => ({ type: "gpt", partitions });
  return {
    one: { device: "/dev/vdb", content: gpt({ boot: { size: "8M" }, data: { size: "100%" } }) },
    two: {
      device: "/dev/vda",
      content: gpt({ root: { size: "100%", content: { type: "btrfs", extraArgs, mountpoint: "/" } } }),
    },
  };
}

test("a partition that is lent to btrfs by its number is half of a mirror with all files", async (t) => {
  const folder = testFolder(t);
  mkdirSync(join(folder, "root"));
  writeFileSync(join(folder, "root/hello"), "hello\n".repeat(100_000));
  const devices = join(folder, "tree.json");
  writeFileSync(devices, JSON.stringify({ disk: mirror("/dev/vdb2") }));
  const out = join(folder, "out");
  const request = ["--root", join(folder, "root"), "--vm-kernel", demoSystem("none"), "--accel", "tcg"];
  await mkimage(t, ["build", ...request, "--devices", devices, "--additional-space", "50M", "--out", out]);
  const [one, two] = ["one", "two"].map((name, disk) => {
    const image = join(out, `${name}.img`);
    const last = reportOf(out).disks[disk]?.table?.partitions.at(-1);
    const [first, end] = [last?.first ?? 0, (last?.last ?? 0) + 1];
    const range = ["--offset", String(first * 512), "--sizelimit", String((end - first) * 512)];
    const loop = judge("losetup", "--find", "--show", ...range, image).trim();
    t.teardown(() => judge("losetup", "--detach", loop));
    return loop;
  });
  t.regex(judge("btrfs", "filesystem", "show", two ?? ""), /Total devices 2 /);
  judge("btrfs", "check", "--readonly", two ?? "");
  const place = join(folder, "mounted");
  mkdirSync(place);
  // A device of an earlier run is one of this filesystem's to the kernel: it has the same UUID and number.
  judge("btrfs", "device", "scan", "--forget");
  judge("mount", "-t", "btrfs", "-o", `device=${one},device=${two}`, one ?? "", place);
  try {
    t.is(statSync(join(place, "hello")).size, readFileSync(join(folder, "root/hello")).length);
    t.regex(judge("btrfs", "filesystem", "df", place), /Data, RAID1: [\s\S]*Metadata, RAID1: /);
    const [blocks, size] = judge("stat", "-f", "-c", "%a %S", place).split(" ").map(Number);
    t.true((blocks ?? 0) * (size ?? 0) >= 50 * MiB);
  } finally {
    judge("umount", place);
  }
});
