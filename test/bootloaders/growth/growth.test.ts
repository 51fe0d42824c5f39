import test from "ava";
import { findGrowth } from "../../../src/bootloaders/growth/find-growth.ts";
import { archiveOf, systemOf, toplevel } from "./system-files.ts";

const rootWith = (options: string, type = "ext4") => `/dev/disk/by-label/nixos / ${type} ${options} 0 1\n`;
const systemdInitrd = { init: "\x7fELF systemd", "bin/resize2fs": "program" };

async function growthOf(files: Record<string, string | Buffer>) {
  return await findGrowth(toplevel, systemOf({ "etc/fstab": rootWith("defaults"), ...files }));
}

test("NixOS since 23.11: growPartition is a service, autoResize an option of the root", async (t) => {
  const { partition, filesystem } = await growthOf({
    "etc/fstab": rootWith("x-initrd.mount,x-systemd.growfs"),
    "etc/systemd/system/growpart.service": "[Service]",
    "etc/systemd/system/-.mount.wants/growpart.service": "[Service]",
    initrd: archiveOf(systemdInitrd),
  });
  t.is(partition.how, "growpart");
  t.is(filesystem.how, "growfs");
});

test("a service that nothing wants does not run", async (t) => {
  const { partition } = await growthOf({ "etc/systemd/system/growpart.service": "[Service]" });
  t.is(partition.how, null);
});

const stage1 = `#! /nix/store/x-extra-utils/bin/ash
# growpart is called below
case $options in
    *x-nixos.autoresize*) resize2fs "$device" ;;
esac
`;
const extraUtils = { "nix/store/x-extra-utils/bin/resize2fs": "program" };

test("NixOS before 23.11: both are in the initrd's script", async (t) => {
  const { partition, filesystem } = await growthOf({
    "etc/fstab": rootWith("x-nixos.autoresize"),
    initrd: archiveOf({
      init: "→/nix/store/x-stage-1/init",
      "nix/store/x-stage-1/init": `${stage1}TMPDIR=/run sh $(type -P growpart) "$parentDevice" "$partNum"\n`,
      "nix/store/x-extra-utils/bin/growpart": "program",
      ...extraUtils,
    }),
  });
  t.is(partition.how, "initrd");
  t.is(filesystem.how, "initrd");
  t.regex(partition.reason, /growpart/);
});

test("the same script does nothing for a root without the option, nor without the program", async (t) => {
  const initrd = archiveOf({ init: stage1, ...extraUtils });
  t.like(await growthOf({ initrd }), { partition: { how: null }, filesystem: { how: null } });
  const bare = { "etc/fstab": rootWith("x-nixos.autoresize"), initrd: archiveOf({ init: stage1 }) };
  t.is((await growthOf(bare)).filesystem.how, null);
});

test("programs that nothing calls prove nothing", async (t) => {
  const programs = { "bin/growpart": "program", "bin/resize2fs": "program", "bin/sfdisk": "program" };
  const called = { ...programs, init: "#!/bin/sh\n# growpart /dev/sda\nsfdisk --dump /dev/sda\n" };
  for (const files of [{ ...systemdInitrd, ...programs }, called]) {
    t.like(await growthOf({ initrd: archiveOf(files) }), { partition: { how: null }, filesystem: { how: null } });
  }
});

test("repart, in the system or in its initrd, grows what its definitions name", async (t) => {
  const definition = "[Partition]\nType = linux-generic\n";
  const inSystem = await growthOf({
    "etc/repart.d/10-root.conf": definition,
    "etc/systemd/system/systemd-repart.service": "[Service]",
  });
  const inInitrd = await growthOf({
    initrd: archiveOf({
      init: "\x7fELF",
      "nix/store/x-systemd/bin/systemd-repart": "program",
      "nix/store/x-repart.d/10-root.conf": definition,
      "etc/repart.d": "→/nix/store/x-repart.d",
    }),
  });
  for (const { partition } of [inSystem, inInitrd]) {
    t.is(partition.how, "repart");
    t.deepEqual(partition.types, ["0FC63DAF-8483-4772-8E79-3D69D8477DE4"]);
  }
});

test("a repart definition with a largest size does not grow to the end", async (t) => {
  const { partition } = await growthOf({
    "etc/repart.d/10-root.conf": "[Partition]\nType=root\nSizeMaxBytes=2G\n",
    "etc/systemd/system/systemd-repart.service": "[Service]",
  });
  t.is(partition.how, null);
});

test("systemd grows ext4, xfs and btrfs, and no f2fs", async (t) => {
  for (const [type, how] of [
    ["ext4", "growfs"],
    ["xfs", "growfs"],
    ["btrfs", "growfs"],
    ["f2fs", null],
  ] as const) {
    const { filesystem } = await growthOf({ "etc/fstab": rootWith("x-systemd.growfs", type) });
    t.is(filesystem.how, how, type);
  }
});

test("only the root's options count, and comments and blanks are read as mount does", async (t) => {
  const fstab =
    "# / x-systemd.growfs\n/dev/sdb1 /my\\040data ext4 x-systemd.growfs 0 2\n/dev/sda1\t/\text4\tdefaults\t0 1\n";
  t.is((await growthOf({ "etc/fstab": fstab })).filesystem.how, null);
});

test("an initrd that cannot be read is named in the reason", async (t) => {
  const { partition } = await growthOf({ initrd: Buffer.from("0221184c00000000", "hex") });
  t.is(partition.how, null);
  t.regex(partition.reason, /as far as that can be read: it is compressed/);
});
