import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import { chooseKernel } from "../../src/guest/kernel.ts";
import { runGuest } from "../../src/guest/run-guest.ts";
import { openToolbox } from "../../src/guest/toolbox/toolbox.ts";
import { textFile } from "../../src/guest/job.ts";
import { contentOf } from "../../src/manifest/file-content.ts";
import type { DirectoryInode } from "../../src/manifest/inode.ts";
import { lookUp } from "../../src/manifest/tree.ts";
import { isTool } from "../../src/runtime/tools.ts";
import { modulesOf } from "../../src/devices/steps/needed-modules.ts";
import { renderScript, toolsOf } from "../../src/devices/steps/script.ts";
import { treeSteps } from "../../src/devices/steps/tree-steps.ts";
import { demoSystem } from "./mkimage.ts";
import { isLong } from "../together/is-long.ts";

// The table of docs/foreign-content.md, cell by cell, on a machine: what is there, what the tree wants, what happens.

type Outcome = "made" | "kept" | "refused";
type Place = "disk" | "partition";

interface Cell {
  readonly row: string;
  readonly place: Place;
  readonly column: string;
  readonly outcome: Outcome;
}

/** The wish of the tree, by column, and what `blkid` says of it once it is made. */
const columns: Readonly<Record<string, { readonly content: object; readonly rest?: object; readonly made: string }>> = {
  gpt: { content: { type: "gpt" }, made: "PTTYPE=gpt" },
  table: { content: { type: "table", format: "msdos" }, made: "PTTYPE=dos" },
  filesystem: { content: { type: "filesystem", format: "ext4", extraArgs: ["-q"] }, made: "TYPE=ext4" },
  swap: { content: { type: "swap" }, made: "TYPE=swap" },
  luks: {
    content: {
      type: "luks",
      name: "opened",
      settings: { keyFile: "/tmp/key" },
      extraFormatArgs: ["--type", "luks1", "--pbkdf-force-iterations", "1000"],
    },
    made: "TYPE=crypto_LUKS",
  },
  lvm_pv: {
    content: { type: "lvm_pv", vg: "vg" },
    rest: { lvm_vg: { vg: { lvs: { l: { size: "8M" } } } } },
    made: "TYPE=LVM2_member",
  },
  mdraid: {
    content: { type: "mdraid", name: "data" },
    rest: { mdadm: { data: {} } },
    made: "TYPE=linux_raid_member",
  },
  btrfs: { content: { type: "btrfs", extraArgs: ["--mixed"] }, made: "TYPE=btrfs" },
  btrfs2: { content: { type: "btrfs", extraArgs: ["--mixed", "-d single", "-m single"] }, made: "TYPE=btrfs" },
};

/** The rows by their words in the documentation. */
const rows: Readonly<Record<string, string>> = {
  nothing: "nothing",
  ext4: "ext4",
  xfs: "xfs",
  btrfs: "btrfs",
  vfat: "vfat",
  swap: "swap",
  LUKS: "LUKS",
  "LVM, the tree's group": "own_group",
  "LVM, another group": "other_group",
  "LVM, no group": "no_group",
  "md, the tree's array": "own_array",
  "md, another array": "other_array",
  "a GPT": "gpt",
  "an msdos table": "msdos",
  "several things": "several",
};

const documented = readFileSync(join(import.meta.dirname, "../../docs/foreign-content.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("|"))
  .slice(2)
  .map((line) => line.split("|").map((word) => word.trim()));

const all = documented.flatMap(([, words = "", ...outcomes]) =>
  Object.keys(columns).flatMap((column, index) =>
    (["disk", "partition"] as const)
      // A partition has no table of its own.
      .filter((place) => place === "disk" || (column !== "gpt" && column !== "table"))
      .map((place): Cell => ({ row: rows[words] ?? "", place, column, outcome: outcomes[index] as Outcome })),
  ),
);

/** In CI a part of them: every row, every column refused, and what is kept in each case. */
const cells = all.filter(({ outcome, place, column }, index) => {
  if (isLong) return true;
  const isTable = column === "gpt" || column === "table";
  if (outcome === "refused") return index % 23 === 18;
  return outcome === "kept" ? isTable || place === "partition" : index % 4 === 0;
});

const folder = mkdtempSync(join(tmpdir(), "mkimage-foreign-"));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
let results: DirectoryInode;

function treeOf(column: string, place: Place) {
  const { content, rest = {} } = columns[column] ?? { content: {} };
  const own = place === "disk" ? "/dev/loop0" : "/dev/loop0p1";
  // The device in question is the second one of its filesystem.
  const inTree = column === "btrfs2" ? { ...content, extraArgs: ["--mixed", "-d single", "-m single", own] } : content;
  const onPartition = { type: "gpt", partitions: { p: { size: "44M", content: inTree } } };
  if (column !== "btrfs2")
    return readDeviceTree({
      disk: { d: { device: "/dev/loop0", content: place === "disk" ? inTree : onPartition } },
      ...rest,
    });
  const lent =
    place === "disk"
      ? {}
      : { d: { device: "/dev/loop0", content: { type: "gpt", partitions: { p: { size: "44M" } } } } };
  return readDeviceTree({ disk: { ...lent, e: { device: "/dev/loop1", content: inTree } } });
}

test.before(async () => {
  const scripts = Object.keys(columns).flatMap((column) =>
    (["disk", "partition"] as const)
      .filter((place) => cells.some((cell) => cell.column === column && cell.place === place))
      .map((place) => {
        const tree = treeOf(column, place);
        return { path: `scripts/${column}.${place}`, tree, steps: treeSteps("format", tree, { root: "/mnt" }) };
      }),
  );
  const judges =
    `bash blkid btrfs cp cryptsetup dd losetup lvcreate mdadm mkfs.btrfs mkfs.ext4 mkfs.vfat mkfs.xfs mkswap
    mount pvcreate sfdisk tar umount vgchange vgcreate`.split(/\s+/);
  const names = [...new Set([...judges, ...scripts.flatMap(({ steps }) => toolsOf(steps))])];
  const toolbox = await openToolbox(names.filter(isTool), { architecture: "x86_64", workFolder: folder });
  const modules = [
    ...toolbox.modules,
    "loop",
    "btrfs",
    "xfs",
    ...modulesOf(
      readDeviceTree({ disk: { a: { device: "/dev/x", content: { type: "filesystem", format: "vfat" } } } }),
    ),
    ...scripts.flatMap(({ tree }) => modulesOf(tree)),
  ];
  const job = {
    steps: [...toolbox.steps, { title: "all cells", argv: ["/toolbox/bin/bash", "/job/foreign-content"] }],
    files: [
      textFile("foreign-content", readFileSync(join(import.meta.dirname, "foreign-content.sh"), "utf8")),
      textFile("cells", cells.map((cell) => `${cell.row} ${cell.place} ${cell.column} ${cell.outcome}\n`).join("")),
      ...scripts.map(({ path, steps }) => textFile(path, renderScript(steps))),
    ],
    modules: [...new Set(modules)],
  };
  const kernel = chooseKernel({ toplevel: demoSystem("none"), needs: [] });
  const machine = { architecture: "x86_64", acceleration: "tcg", kernel, disks: [toolbox.disk] } as const;
  const logPath = process.env["MKIMAGE_LOG"] ?? join(folder, "log");
  const places = { logPath, resultsPath: join(folder, "results"), deadlineSeconds: isLong ? 5400 : 2400 };
  ({ results } = await runGuest(machine, job, places));
  toolbox.markProven();
});

test("the table of the documentation is complete", (t) => {
  t.deepEqual(
    documented.map(([, words]) => words),
    Object.keys(rows),
  );
  t.true(all.every(({ outcome }) => ["made", "kept", "refused"].includes(outcome)));
  t.is(all.length, 15 * (9 + 7));
});

test("what is tried has every row, and refuses for every column", (t) => {
  const refused = cells.filter(({ outcome }) => outcome === "refused");
  t.deepEqual([...new Set(cells.map(({ row }) => row))].toSorted(), Object.values(rows).toSorted());
  t.deepEqual([...new Set(refused.map(({ column }) => column))].toSorted(), Object.keys(columns).toSorted());
});

for (const cell of cells) {
  const { row, place, column, outcome } = cell;
  test(`${row} on a ${place}, where the tree wants ${column}: ${outcome}`, (t) => {
    const said = (what: string) => {
      const inode = lookUp(results, `files/${row}.${place}.${column}/${what}`);
      return inode?.type === "file" ? contentOf(inode).toString().trim() : undefined;
    };
    const errors = said("errors") ?? "";
    if (outcome === "refused") {
      t.is(said("status"), "1", errors);
      t.is(said("written"), "0", "no sector is written");
      t.is(said("changed"), undefined, "the whole device has the same sum");
      t.regex(errors, /^\/dev\/loop0(p1)? holds |is incomplete: it lacks /m);
      t.is(said("output"), "==> look at what is on the devices");
      return;
    }
    t.is(said("status"), "0", errors);
    if (outcome === "made") {
      t.regex(said("after") ?? "", new RegExp(`^${columns[column]?.made}$`, "m"));
    } else {
      t.is(said("after"), said("before"));
      t.is(said("precious"), "precious");
    }
  });
}
