import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import { type JobStep, textFile } from "../../src/guest/job.ts";
import { chooseKernel } from "../../src/guest/kernel.ts";
import type { Disk } from "../../src/guest/qemu.ts";
import { runGuest } from "../../src/guest/run-guest.ts";
import { openToolbox } from "../../src/guest/toolbox/toolbox.ts";
import { MiB } from "../../src/base/units.ts";
import { contentOf } from "../../src/manifest/file-content.ts";
import type { DirectoryInode } from "../../src/manifest/inode.ts";
import { lookUp } from "../../src/manifest/tree.ts";
import { isTool } from "../../src/runtime/tools.ts";
import type { Mode } from "../../src/steps/modes.ts";
import { modulesOf } from "../../src/devices/steps/needed-modules.ts";
import { renderScript, toolsOf } from "../../src/devices/steps/script.ts";
import { treeSteps } from "../../src/devices/steps/tree-steps.ts";
import { demoSystem } from "./mkimage.ts";
import { isLong } from "../together/is-long.ts";

// Groups of two disks in a guest: one disk is lost and replaced by a blank one; and on a machine with udev and the rules of
// mdadm and LVM, which assemble whatever they find, all is destroyed and made anew again and again.

const ext4 = { type: "filesystem", format: "ext4", extraArgs: ["-q"], mountpoint: "/" };
const onPartitions = (content: object) => ({ type: "gpt", partitions: { p: { size: "100%", content } } });
const disks = (content: object) => ({
  disk: { a: { device: "/dev/vda", content }, b: { device: "/dev/vdb", content } },
});
const btrfs = (...mountOptions: string[]) => ({
  disk: {
    a: {
      device: "/dev/vda",
      content: {
        type: "btrfs",
        extraArgs: ["--quiet", "-d raid1", "-m raid1", "/dev/vdb"],
        mountOptions: ["noatime", ...mountOptions],
        mountpoint: "/",
      },
    },
    // A disk that is lent is destroyed with the tree only where it is a disk of the tree.
    b: { device: "/dev/vdb" },
  },
});
const volume = { size: "64M", lvm_type: "raid1", content: ext4 };
const luks = (name: string) => ({
  type: "luks",
  name,
  settings: { keyFile: "/tmp/key" },
  extraFormatArgs: ["--type", "luks1", "--pbkdf-force-iterations", "1000"],
  content: { type: "lvm_pv", vg: "vg" },
});

const trees = {
  md: { ...disks({ type: "mdraid", name: "data" }), mdadm: { data: { level: 1, content: ext4 } } },
  lvm: { ...disks({ type: "lvm_pv", vg: "vg" }), lvm_vg: { vg: { lvs: { root: volume } } } },
  btrfs: btrfs(),
  "btrfs-degraded": btrfs("degraded"),
  "md-partitions": {
    ...disks(onPartitions({ type: "mdraid", name: "data" })),
    mdadm: { data: { level: 1, metadata: "1.0", content: { type: "lvm_pv", vg: "vg" } } },
    lvm_vg: { vg: { lvs: { root: { size: "64M", content: ext4 } } } },
  },
  "lvm-on-luks": {
    disk: { a: { device: "/dev/vda", content: luks("one") }, b: { device: "/dev/vdb", content: luks("two") } },
    lvm_vg: { vg: { lvs: { root: volume } } },
  },
} as const;
type Name = keyof typeof trees;

/** Trees: one that is made, and then others for the same disks. */
const losing: readonly (readonly [Name, ...Name[]])[] = [
  ["md"],
  ["btrfs", "btrfs-degraded"],
  ...(isLong ? ([["lvm"]] as const) : []),
];
const withRules: readonly Name[] = isLong ? ["md", "md-partitions", "lvm", "btrfs", "lvm-on-luks"] : ["md"];
const halves: readonly Name[] = isLong ? ["md"] : [];
/** From the second on, there is something that is taken apart while rules assemble it. */
const rounds = isLong ? 3 : 2;

const modes: Readonly<Record<string, readonly Mode[]>> = {
  format: ["format"],
  mount: ["mount"],
  unmount: ["unmount"],
  destroy: ["destroy"],
  anew: ["destroy", "format", "mount"],
};

const folder = mkdtempSync(join(tmpdir(), "mkimage-incomplete-"));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
let results: DirectoryInode;

test.before(async () => {
  const scripts = Object.entries(trees).flatMap(([name, json]) => {
    const tree = readDeviceTree(json);
    return Object.entries(modes).map(([mode, all]) => {
      const steps = all.flatMap((one) => treeSteps(one, tree, { root: "/mnt" }));
      return { path: `scripts/${name}.${mode}`, tree, steps };
    });
  });
  const judges = "bash blkid blockdev dd dmsetup grep mdadm partprobe udevadm wipefs".split(" ");
  const names = [...new Set([...judges, ...scripts.flatMap(({ steps }) => toolsOf(steps))])];
  const toolbox = await openToolbox(names.filter(isTool), { architecture: "x86_64", workFolder: folder });
  const job = {
    steps: [
      ...toolbox.steps,
      shell("make a key", "printf 'a key' >/tmp/key"),
      ...losing.map((same) => caseStep("loses", ...same)),
      // Otherwise a guest has no rules that put something together.
      shell(
        "keep the rules that assemble",
        "mkdir -p /run/udev/rules.d && ln -s /lib/udev/rules.d/64-md-raid-assembly.rules /lib/udev/rules.d/69-lvm.rules /run/udev/rules.d",
      ),
      { title: "start udev", argv: ["/vm/start-udev"] },
      ...withRules.map((name) => caseStep("rules", name, `${rounds}`)),
      ...halves.map((name) => caseStep("half", name)),
    ],
    files: [
      textFile("groups", readFileSync(join(import.meta.dirname, "incomplete-groups.sh"), "utf8")),
      ...scripts.map(({ path, steps }) => textFile(path, renderScript(steps))),
    ],
    modules: [...new Set([...toolbox.modules, ...scripts.flatMap(({ tree }) => modulesOf(tree))])],
  };
  const kernel = chooseKernel({ toplevel: demoSystem("none"), needs: [] });
  const machine = {
    architecture: "x86_64",
    acceleration: "tcg",
    kernel,
    disks: [...["a", "b"].map(emptyDisk), toolbox.disk],
  } as const;
  const logPath = process.env["MKIMAGE_LOG"] ?? join(folder, "log");
  const places = { logPath, resultsPath: join(folder, "results"), deadlineSeconds: isLong ? 7200 : 2400 };
  ({ results } = await runGuest(machine, job, places));
  toolbox.markProven();
});

function shell(title: string, script: string): JobStep {
  return { title, argv: ["sh", "-c", script] };
}

function caseStep(name: string, tree: Name, ...more: readonly string[]): JobStep {
  return { title: `${name} ${tree}`, argv: ["/toolbox/bin/bash", "/job/groups", name, tree, ...more] };
}

function emptyDisk(name: string): Disk {
  const path = join(folder, `disk-${name}`);
  writeFileSync(path, "");
  truncateSync(path, 192 * MiB);
  return { path, format: "raw", serial: `disk-${name}`, access: "scratch" };
}

function said(t: ExecutionContext, what: string): string {
  const inode = lookUp(results, `files/${what}`);
  if (inode?.type !== "file") return t.fail(`nothing was said about ${what}`) as never;
  return contentOf(inode).toString().trim();
}

/** Groups that are used without their first disk, as errors name them. */
const things: Readonly<Partial<Record<Name, string>>> = {
  md: "array data",
  lvm: "volume group vg",
  "btrfs-degraded": "the filesystem (btrfs) on /dev/vda",
};

for (const name of losing.flat()) {
  const thing = things[name];
  if (thing === undefined) continue;
  test(`${name}: with its first disk blank, it is used without that, said so, and never made anew`, (t) => {
    const lacking = `==! ${thing} is incomplete: it lacks /dev/vda; it is used as it is`;
    for (const moment of ["formatted", "mounted"]) {
      t.is(said(t, `${name}/${moment}`), "0", said(t, `${name}/${moment}.errors`));
      t.true(said(t, `${name}/${moment}.errors`).split("\n").includes(lacking));
    }
    t.is(said(t, `${name}/precious`), "precious");
    t.is(said(t, `${name}/unmounted`), "0");
    t.is(said(t, `${name}/known.after`), said(t, `${name}/known.before`));
    t.is(said(t, `${name}/blank`), "", "the blank disk stays blank");
  });
}

test("btrfs: with its first disk blank, nothing is mounted and no byte of the survivor changes, unless the tree wants it", (t) => {
  for (const moment of ["formatted", "mounted"]) {
    t.is(said(t, `btrfs/${moment}`), "1");
    t.regex(
      said(t, `btrfs/${moment}.errors`),
      /it lacks \/dev\/vda; replace what is missing, or give the mount option/,
    );
  }
  t.is(said(t, "btrfs/written"), "0");
  t.is(said(t, "btrfs/precious"), "");
});

for (const name of withRules) {
  test(`${name}: where rules assemble all that they find, it is destroyed and made anew as often as one likes`, (t) => {
    const all = Array.from({ length: rounds }, (_, index) => `anew.${index + 1}`);
    for (const moment of [...all, "destroyed"])
      t.is(said(t, `${name}.rules/${moment}`), "0", said(t, `${name}.rules/${moment}.errors`));
    t.is(said(t, `${name}.rules/left`), "");
    const arrays = name.startsWith("md") ? 1 : 0;
    t.is(
      said(t, `${name}.rules/arrays.${rounds}`)
        .split("\n")
        .filter((line) => line !== "").length,
      arrays,
    );
  });
}

for (const name of halves) {
  test(`half of an array (${name}), which rules have found and left alone, is started, said so, and destroyed`, (t) => {
    t.regex(said(t, `${name}.half/mdstat`), /^md\d+ : inactive vdb/m);
    for (const moment of ["formatted", "mounted"]) {
      t.is(said(t, `${name}.half/${moment}`), "0", said(t, `${name}.half/${moment}.errors`));
      t.regex(said(t, `${name}.half/${moment}.errors`), /array data is incomplete: it lacks \/dev\/vda/);
    }
    t.is(said(t, `${name}.half/precious`), "precious");
    t.is(said(t, `${name}.half/destroyed`), "0", said(t, `${name}.half/destroyed.errors`));
    t.is(said(t, `${name}.half/left`), "");
  });
}
