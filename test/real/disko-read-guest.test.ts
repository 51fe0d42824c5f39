import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { byteString } from "../../src/base/byte-string.ts";
import { identityFrom } from "../../src/base/identity.ts";
import { GiB } from "../../src/base/units.ts";
import type { DeviceTree } from "../../src/devices/device-tree.ts";
import { solveLayout } from "../../src/devices/layout/solve.ts";
import { modulesOf } from "../../src/devices/steps/needed-modules.ts";
import { renderScript, toolsOf } from "../../src/devices/steps/script.ts";
import { treeSteps } from "../../src/devices/steps/tree-steps.ts";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import { chooseKernel } from "../../src/guest/kernel.ts";
import { runGuest } from "../../src/guest/run-guest.ts";
import { startUdev, withUdev } from "./guest-udev.ts";
import type { DirectoryInode } from "../../src/manifest/inode.ts";
import type { Layout } from "../../src/layout/layout.ts";
import { contentOf } from "../../src/manifest/file-content.ts";
import { lookUp } from "../../src/manifest/tree.ts";
import { factsOf } from "../../src/partitions/table-facts.ts";
import { isTool } from "../../src/runtime/tools.ts";
import { fixture } from "../steps/fixtures.ts";
import { emptyDisk, file, secretStep, settingOf } from "./disko-cycle.ts";
import { demoSystem } from "./mkimage.ts";
import { programDisk } from "./program-disk.ts";
import { isLong } from "../together/is-long.ts";

// What only a kernel with dm and md can show: trees are made in a guest, by real tools, and read by the built program. What
// it prints is solved again, and has to be the layout that was made.

const always = ["lvm-on-luks", "raid5-table"];
/** Not lvm-raid, whose volumes lvcreate makes larger than planned, nor btrfs-disks, which has its node on another device. */
const long = (
  "btrfs btrfs-raid1-on-luks btrfs-swap-on-luks hybrid luks-lvm luks-on-raid1 luks lvm-thin msdos raid0 " +
  "raid1 separate-disks simple-efi table-gpt tmpfs-root layers hostile-names"
).split(" ");
const names = isLong ? [...always, ...long] : always;
const programs =
  "bash blkid btrfs cryptsetup dumpe2fs mdadm pvck resize2fs sfdisk wipefs xfs_db pvs setpriv prlimit".split(" ");
const modes = ["format", "mount", "unmount", "destroy"] as const;

const folder = mkdtempSync(join(tmpdir(), "mkimage-disko-read-"));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
let results: DirectoryInode;

test.before(async () => {
  const trees = names.map((name) => ({ name, tree: fixture(name) }));
  const scripts = trees.flatMap(({ name, tree }) =>
    modes.map((mode) => ({ path: `trees/${name}.${mode}`, steps: treeSteps(mode, tree, settingOf(tree)) })),
  );
  const tools = withUdev([...programs, ...scripts.flatMap(({ steps }) => toolsOf(steps))].filter(isTool));
  const disk = await programDisk(folder, { programs: [...new Set<string>([...programs, ...tools])], files: {} });
  const kernel = chooseKernel({ toplevel: demoSystem("none"), needs: [] });
  const disks = [...["a", "b", "c"].map((name) => emptyDisk(folder, name)), disk];
  const job = {
    steps: [
      { title: "open the programs", argv: ["/vm/open-toolbox", "programs"] },
      ...startUdev(tools),
      ...["/tmp/secret.key", "/tmp/additional.key", "/tmp/pass 'word'\n"].map(secretStep),
      ...names.map((name) => ({ title: name, argv: ["/toolbox/bin/bash", "/job/read", name] })),
    ],
    files: [
      file("read", readFileSync(join(import.meta.dirname, "disko-read.sh"))),
      ...scripts.map(({ path, steps }) => file(path, Buffer.from(renderScript(steps)))),
    ],
    modules: [...new Set(trees.flatMap(({ tree }) => modulesOf(tree)))],
  };
  const logPath = process.env["MKIMAGE_LOG"] ?? join(folder, "log");
  const places = { logPath, resultsPath: join(folder, "results"), deadlineSeconds: isLong ? 7200 : 900 };
  ({ results } = await runGuest({ architecture: "x86_64", acceleration: "tcg", kernel, disks }, job, places));
});

interface Said {
  readonly tree: unknown;
  readonly nodes: Readonly<Record<string, { readonly usedAt: readonly string[]; readonly missing?: number }>>;
  readonly unexpressed: readonly { readonly path: string; readonly reason: string }[];
}

function textOf(t: ExecutionContext, name: string, what: string): string {
  const inode = lookUp(results, byteString(`files/${name}/${what}`));
  return inode?.type === "file" ? contentOf(inode).toString().trim() : (t.fail(`${name} said no ${what}`) as never);
}

function saidOf(t: ExecutionContext, name: string, moment: string): Said {
  t.log(textOf(t, name, `${moment}.notes`));
  const lines = textOf(t, name, moment).split("\n");
  return JSON.parse(lines.at(-1) ?? "") as Said;
}

for (const name of names) {
  test(`${name}: what was made is read while it is in use, and solved again to the same layout`, (t) => {
    const said = saidOf(t, name, "mounted");
    const read = readDeviceTree(said.tree);
    t.deepEqual(plain(solved(read)), plain(settingOf(fixture(name)).layout));
    t.deepEqual(said.unexpressed, []);
  });

  test(`${name}: reading what is closed writes nothing`, (t) => {
    t.is(textOf(t, name, "written"), "nothing");
  });
}

test("what is closed, and what lacks a member, is named", (t) => {
  const lines = (name: string) => saidOf(t, name, "closed").unexpressed.map(({ path, reason }) => `${path}: ${reason}`);
  t.regex(lines("lvm-on-luks").join("\n"), /partitions\.luks\.content: it is not open/);
  t.regex(lines("raid5-table").join("\n"), /mdadm\.data: 1 of its 3 members are on none of these disks/);
  t.regex(lines("raid5-table").join("\n"), /mdadm\.data: it is not running/);
  t.is(saidOf(t, "raid5-table", "closed").nodes["mdadm.data"]?.missing, 1);
});

function solved(tree: DeviceTree): Layout {
  const sizes = Object.fromEntries(Object.entries(tree.disk).map(([key, { name }]) => [name ?? key, 2 * GiB]));
  return solveLayout(tree, { identity: identityFrom("another seed"), needs: () => 0, sizes });
}

/** A layout without the words of its tree. */
function plain({ disks, groups, filesystems }: Layout) {
  return {
    tables: disks.flatMap(({ table }) => (table === null ? [] : [factsOf(table)])),
    groups: groups.map(({ kind, name, size, volumes }) => ({
      kind,
      name,
      size,
      volumes: volumes.map((one) => `${one.name} ${one.size}`).toSorted(),
    })),
    filesystems: filesystems
      .map(({ format, uuid, label, size, mountpoints }) => {
        return { format, uuid, label, size, mountpoints: mountpoints.toSorted() };
      })
      .toSorted((a, b) => String(a.uuid).localeCompare(String(b.uuid))),
  };
}
