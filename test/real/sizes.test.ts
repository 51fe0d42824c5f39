import { mkdirSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { MiB, parseSize } from "../../src/base/units.ts";
import { demoSystem, judge, mkimage, reportOf, testFolder } from "./mkimage.ts";

// What a user sees as free on the mounted root is what was asked for, whatever the closure looks like.

const cases: readonly { variant: string; partition: string; space: string }[] = [
  { variant: "none", partition: "none", space: "0M" },
  { variant: "none", partition: "legacy", space: "1M" },
  { variant: "systemd-boot", partition: "efi", space: "512M" },
  { variant: "many-files", partition: "efi", space: "0M" },
  { variant: "many-files", partition: "efi", space: "100M" },
  { variant: "large", partition: "efi", space: "64M" },
  { variant: "large", partition: "efi", space: "3G" },
];

for (const { variant, partition, space } of cases) {
  test(`${variant} on ${partition} with ${space} more has exactly that, and at most 3 % or 4 MiB besides`, async (t) => {
    const out = join(testFolder(t), "out");
    const request = ["--partition", partition, "--additional-space", space, "--out", out, "--no-install-boot-loader"];
    await mkimage(t, ["build", demoSystem(variant), ...request]);
    const report = reportOf(out);
    const root = report.filesystems.find(({ mountpoint }) => mountpoint === "/");
    const first = Math.max(0, ...(report.disks[0]?.table?.partitions ?? []).map((entry) => entry.first));
    const available = availableBytes(join(out, "nixos.img"), first * 512);
    const asked = parseSize(space);
    t.is(root?.freeBytes, available);
    t.true(available >= asked, `${available} bytes are free`);
    t.true(available - asked <= Math.max(0.03 * (root?.size ?? 0), 4 * MiB), `${available} bytes are free`);
  });
}

/** f_bavail × block size as the kernel says it of the mounted filesystem; the mount goes with its namespace. */
function availableBytes(image: string, offset: number): number {
  const mountpoint = `${image}.mount`;
  mkdirSync(mountpoint);
  const script = `mount -o loop,ro,offset=${offset} "$1" "$2" && stat -f -c '%a %S' "$2"`;
  const [blocks, blockSize] = judge("unshare", "--mount", "sh", "-ec", script, "sh", image, mountpoint)
    .split(" ")
    .map(Number);
  return (blocks ?? Number.NaN) * (blockSize ?? Number.NaN);
}
