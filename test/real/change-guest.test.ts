import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { byteString } from "../../src/base/byte-string.ts";
import { type Bytes, GiB, MiB } from "../../src/base/units.ts";
import { refused } from "../../src/devices/changes/difference.ts";
import { modulesOf } from "../../src/devices/steps/needed-modules.ts";
import { renderScript, toolsOf } from "../../src/devices/steps/script.ts";
import { treeSteps } from "../../src/devices/steps/tree-steps.ts";
import { chooseKernel } from "../../src/guest/kernel.ts";
import { runGuest } from "../../src/guest/run-guest.ts";
import { openToolbox } from "../../src/guest/toolbox/toolbox.ts";
import { startUdev, withUdev } from "./guest-udev.ts";
import { parseLvmText, sectionsIn } from "../../src/devices/types/lvm-vg/metadata-text.ts";
import { volumesOn } from "../../src/devices/types/lvm-vg/volumes-on.ts";
import { contentOf } from "../../src/manifest/file-content.ts";
import type { DirectoryInode } from "../../src/manifest/inode.ts";
import { lookUp } from "../../src/manifest/tree.ts";
import { isTool } from "../../src/runtime/tools.ts";
import { type Step, step } from "../../src/steps/step.ts";
import type { FoundDisks } from "../../src/devices/found.ts";
import { differenceOf, madeFrom, withUses } from "../devices/changes/found-disks.ts";
import { type ChangeCase, fewCases, moreCases } from "./change-cases.ts";
import { emptyDisk, file, settingOf } from "./disko-cycle.ts";
import { demoSystem } from "./mkimage.ts";
import { isLong } from "../together/is-long.ts";

// What becomes of disks whose tree changes: they are made, filled, changed and compared byte for byte in a guest with real tools.

const cases = isLong ? [...fewCases, ...moreCases] : fewCases;
const judges =
  "bash lsblk findmnt blkid blockdev sgdisk e2fsck xfs_repair btrfs mdadm cryptsetup lvs vgs vgchange lvcreate lvremove pvck".split(
    " ",
  );

const folder = mkdtempSync(join(tmpdir(), "mkimage-change-"));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
let results: DirectoryInode;

/** Everything that is done with a case, by the names that the guest has for it. */
function stepsOf({ old, wanted, isMounted, destroy, extents }: ChangeCase): Record<string, readonly Step[]> {
  const before = settingOf(old);
  const made = madeFrom(old, 2 * GiB);
  const found = withUses(extents === undefined ? made : withExtents(made, extents), isMounted ? "/mnt" : undefined);
  const difference = differenceOf(wanted, found, destroy);
  const faults = refused(difference).map(({ path, refusal }) => `${path}: ${refusal}`);
  if (faults.length > 0) throw new Error(faults.join("\n"));
  const now = { root: "/mnt", devices: before.devices };
  // What is opened lies below mounts that are none.
  const opened = treeSteps("mount", difference.tree, now).filter(({ title }) => !title.startsWith("mount "));
  return {
    format: [...treeSteps("format", old, before), ...(extents === undefined ? [] : [resized(extents)])],
    mount: treeSteps("mount", old, before),
    "old-unmount": treeSteps("unmount", old, before),
    "old-open": treeSteps("mount", old, before).filter(({ title }) => !/^(mount|swap) /.test(title)),
    change: difference.steps,
    "mount-new": treeSteps("mount", difference.tree, now),
    unmount: treeSteps("unmount", difference.tree, now),
    open: opened.filter(({ title }) => !title.startsWith("swap ")),
    close: treeSteps("unmount", difference.tree, now),
    destroy: treeSteps("destroy", difference.tree, now),
    ...(isMounted ? {} : { unmounted: [] }),
  };
}

/** The command that gives the group other extents than those that it was made with. */
function resized(extents: Bytes): Step {
  return step("lvm_vg.pool", "other extents", [], ["vgchange", "--physicalextentsize", `${extents}b`, "pool"]);
}

/** The same group with extents of another size. */
function withExtents(found: FoundDisks, size: Bytes): FoundDisks {
  const nodes = [...found.nodes].map(([path, node]) => {
    const { extents } = node;
    if (extents !== undefined) {
      const count = (extents.count * extents.size) / size;
      return [path, { ...node, extents: { ...extents, size, count } }] as const;
    }
    return [path, path === "lvm_vg.pool" ? { ...node, extentSize: size } : node] as const;
  });
  return { ...found, nodes: new Map(nodes) };
}

test.before(async () => {
  const scripts = cases.flatMap((one) =>
    Object.entries(stepsOf(one)).map(([what, steps]) => ({ path: `scripts/${one.name}.${what}`, steps })),
  );
  const tools = withUdev([...new Set([...judges, ...scripts.flatMap(({ steps }) => toolsOf(steps))])].filter(isTool));
  const toolbox = await openToolbox(tools, { architecture: "x86_64", workFolder: folder });
  const secret = { title: "make a key", argv: ["sh", "-c", "echo the key of a test >/tmp/secret.key"] };
  const job = {
    steps: [
      ...toolbox.steps,
      ...startUdev(tools),
      secret,
      ...cases.map(({ name }) => ({ title: name, argv: ["/toolbox/bin/bash", "/job/changes", name] })),
    ],
    files: [
      file("changes", readFileSync(join(import.meta.dirname, "change-guest.sh"))),
      ...scripts.map(({ path, steps }) => file(path, Buffer.from(renderScript(steps)))),
    ],
    modules: [
      ...toolbox.modules,
      ...(isLong ? ["dm_snapshot"] : []),
      ...new Set(cases.flatMap(({ old, wanted }) => [old, wanted].flatMap(modulesOf))),
    ],
  };
  const kernel = chooseKernel({ vmKernel: demoSystem("none"), needs: [] });
  const disks = [...["a", "b", "c"].map((name) => emptyDisk(folder, name)), toolbox.disk];
  const guest = { architecture: "x86_64", acceleration: "tcg", kernel, disks } as const;
  const logPath = process.env["MKIMAGE_LOG"] ?? join(folder, "log");
  ({ results } = await runGuest(guest, job, { logPath, resultsPath: join(folder, "results"), deadlineSeconds: 3600 }));
  toolbox.markProven();
});

function said(t: ExecutionContext, name: string, what: string): string {
  const inode = lookUp(results, byteString(`files/${name}/${what}`));
  return inode?.type === "file"
    ? contentOf(inode).toString().trim()
    : (t.fail(`${name} said nothing about ${what}`) as never);
}

function isThere(name: string, what: string): boolean {
  return lookUp(results, byteString(`files/${name}/${what}`)) !== undefined;
}

for (const { name, isMounted, wanted } of cases) {
  test(`${name}: every byte is there after the change, and after it was mounted again; all is sound`, (t) => {
    const moments = [...(isMounted ? ["changed"] : []), "mounted", "again"];
    for (const moment of moments) t.is(said(t, name, `same.${moment}`), "yes", said(t, name, `compared.${moment}`));
    t.false(isThere(name, "unsound"));
    for (const key of Object.keys(wanted.disk)) t.regex(said(t, name, `table.vd${key}`), /No problems found/);
  });
}

/** How much larger the root is, in KiB. */
function gain(t: ExecutionContext, name: string): number {
  return Number(said(t, name, "space.after")) - Number(said(t, name, "space.before"));
}

function testOf(name: string, title: string, check: (t: ExecutionContext) => void): void {
  if (cases.some((one) => one.name === name)) test(`${name}: ${title}`, check);
}

testOf("ext4", "the root has the rest of the disk while it is mounted, and there is swap behind it", (t) => {
  t.true(Number(said(t, "ext4", "space.changed")) > 1_500_000);
  t.regex(said(t, "ext4", "lsblk.after"), /"name": "vda3"[^}]*"\[SWAP\]"/);
});

testOf("luks-lvm", "partition, container, group, volume and filesystem have grown, and there is a new volume", (t) => {
  t.true(gain(t, "luks-lvm") > 1_200_000);
  t.deepEqual(said(t, "luks-lvm", "places.after").split("\n"), ["/mnt", "/mnt/home"]);
});

testOf("destroy-volumes", "what was let go is gone, and its room is the root's", (t) => {
  t.true(gain(t, "destroy-volumes") > 1_000_000);
  t.regex(said(t, "destroy-volumes", "lsblk.after"), /pool-root/);
  t.notRegex(said(t, "destroy-volumes", "lsblk.after"), /pool-old|scratch|thinpool/);
});

testOf("shrink-volume", "the volume is smaller, and all of its filesystem is in it", (t) => {
  t.true(gain(t, "shrink-volume") < -400_000);
});

testOf("large-extents", "volumes are whole extents of 32 MiB, the new one too", (t) => {
  t.deepEqual(
    said(t, "large-extents", "volumes")
      .split("\n")
      .map((line) => line.trim().split(/\s+/)),
    [
      ["home", String(128 * MiB), String(32 * MiB), "63"],
      ["root", String(512 * MiB), String(32 * MiB), "63"],
    ],
  );
});

testOf("thin", "snapshots are known by LVM's own text, and so is what they are made of", (t) => {
  const group = parseLvmText(said(t, "thin", "metadata"))?.group ?? new Map();
  const { on, originOf } = volumesOn(sectionsIn(group, "logical_volumes"));
  t.is(originOf("snap"), "home");
  t.deepEqual([on("root"), on("home")], [["copy"], ["snap"]]);
  t.deepEqual(on("thinpool").toSorted(), ["copy", "home", "root", "snap"]);
});
