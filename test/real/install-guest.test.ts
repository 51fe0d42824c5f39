import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import { describeDisks } from "../../src/guest/install-job.ts";
import type { JobFile } from "../../src/guest/job.ts";
import { chooseKernel } from "../../src/guest/kernel.ts";
import type { Disk } from "../../src/guest/qemu.ts";
import { runGuest } from "../../src/guest/run-guest.ts";
import { openToolbox } from "../../src/guest/toolbox/toolbox.ts";
import { identityFrom } from "../../src/base/identity.ts";
import { solveLayout } from "../../src/devices/layout/solve.ts";
import { MiB } from "../../src/base/units.ts";
import { byteString } from "../../src/base/byte-string.ts";
import { describedDisks } from "../../src/pipeline/plan/described-disks.ts";
import { isTool } from "../../src/runtime/tools.ts";
import { installSteps } from "../../src/steps/install-steps.ts";
import { modulesOf } from "../../src/devices/steps/needed-modules.ts";
import { renderScript, toolsOf } from "../../src/devices/steps/script.ts";
import type { Step } from "../../src/steps/step.ts";
import { treeSteps } from "../../src/devices/steps/tree-steps.ts";
import { bootDemo } from "./boot-demo.ts";
import { demoSystem, judge, mkimage } from "./mkimage.ts";

// The scripts of `mkimage install` on a machine whose kernel knows FAT: a guest, with the tools of this machine.

const diskSize = 512 * MiB;
const folder = mkdtempSync(join(tmpdir(), "mkimage-install-"));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const filesystem = (format: string, label: string, mountpoint: string) => ({
  type: "filesystem",
  format,
  label,
  mountpoint,
});
const tree = readDeviceTree({
  disk: {
    main: {
      device: "/dev/vda",
      content: {
        type: "gpt",
        partitions: {
          ESP: { size: "128M", type: "EF00", content: filesystem("vfat", "ESP", "/boot") },
          root: { size: "100%", content: filesystem("ext4", "nixos", "/") },
        },
      },
    },
  },
});

/** The machine that installs has its own store, as every machine with Nix has; nothing of it but Nix is used. */
const machine = `set -eu
mkdir -p /nix /tmp /root /source /etc
echo root:x:0:0::/root:/bin/sh >/etc/passwd
mount -t ext4 "$(readlink -f /dev/vdb)" /source
mount --bind /source/nix /nix
`;

const environment = `set -eu
export PATH=/toolbox/bin:/bin HOME=/root NIX_REMOTE= NIX_CONFIG='build-users-group =
sandbox = false
substitute = false'
exec /toolbox/bin/bash "$1"
`;

test.serial("systemd-boot on an ESP, by the steps of an installation on a machine; the disk boots", async (t) => {
  const system = demoSystem("systemd-boot");
  await mkimage(t, [
    "build",
    system,
    "--partition",
    "none",
    "--no-install-boot-loader",
    "--additional-space",
    "32M",
    "--out",
    join(folder, "store"),
  ]);
  const identity = identityFrom("a seed");
  const layout = solveLayout(tree, { identity, needs: () => 0, sizes: { main: diskSize } });
  const setting = { root: "/mnt", identity, layout };
  const of = (mode: "format" | "mount" | "unmount") => treeSteps(mode, tree, setting);
  const installation = { root: "/mnt", toplevel: system, extraFiles: [], nixosInstall: undefined };
  const scripts: Readonly<Record<string, readonly Step[]>> = {
    disks: [...of("format"), ...of("mount")],
    system: [...installSteps({ ...installation, installsBootloader: true, writesVariables: false }), ...of("unmount")],
  };
  const steps = Object.values(scripts).flat();
  const tools = ["bash" as const, ...toolsOf(steps).filter(isTool)];
  const toolbox = await openToolbox(tools, { architecture: "x86_64", workFolder: folder });
  const file = (path: string, text: string): JobFile => ({ path: byteString(path), bytes: Buffer.from(text) });
  const script = (name: string) => ({ title: name, argv: ["sh", "/job/run", `/job/${name}`] });
  const job = {
    steps: [
      { title: "be a machine with Nix", argv: ["sh", "/job/machine"] },
      ...toolbox.steps,
      script("disks"),
      // What udev does on a machine.
      ...describeDisks({ ...describedDisks(layout), bootDevices: [] }),
      script("system"),
    ],
    files: [
      file("machine", machine),
      file("run", environment),
      ...Object.entries(scripts).map(([name, own]) => file(name, renderScript(own))),
    ],
    modules: [...toolbox.modules, ...modulesOf(tree)],
  };
  const target = join(folder, "disk");
  writeFileSync(target, "");
  truncateSync(target, diskSize);
  const disks: Disk[] = [
    { path: target, format: "raw", serial: "main", access: "scratch" },
    { path: join(folder, "store/nixos.img"), format: "raw", serial: "store", access: "snapshot" },
    toolbox.disk,
  ];
  const kernel = chooseKernel({ toplevel: system, needs: [] });
  const places = {
    logPath: process.env["MKIMAGE_LOG"] ?? join(folder, "log"),
    resultsPath: join(folder, "results"),
    deadlineSeconds: 400,
  };
  await runGuest({ architecture: "x86_64", acceleration: "tcg", kernel, disks }, job, places);

  t.regex(judge("sgdisk", "-v", target), /No problems found/);
  t.regex(judge("mdir", "-b", "-i", `${target}@@1M`, "::/loader/entries"), /nixos-generation-1\.conf/);
  const greeting = await bootDemo(target, "efi");
  t.like(greeting, { variant: "systemd-boot", root: "/dev/vda2:ext4:nixos", boot: "/dev/vda1:vfat:ESP", system });
});
