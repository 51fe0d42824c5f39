import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { byteString } from "../../../src/base/byte-string.ts";
import { MiB } from "../../../src/base/units.ts";
import { modulesOf } from "../../../src/devices/steps/needed-modules.ts";
import { renderScript, toolsOf } from "../../../src/devices/steps/script.ts";
import { treeSteps } from "../../../src/devices/steps/tree-steps.ts";
import { chooseKernel } from "../../../src/guest/kernel.ts";
import { runGuest } from "../../../src/guest/run-guest.ts";
import { startUdev, withUdev } from "../guest-udev.ts";
import { contentOf } from "../../../src/manifest/file-content.ts";
import type { DirectoryInode } from "../../../src/manifest/inode.ts";
import { lookUp } from "../../../src/manifest/tree.ts";
import { isTool } from "../../../src/runtime/tools.ts";
import { type Step, step } from "../../../src/steps/step.ts";
import { killedCases, type KilledCase } from "../change-killed-cases.ts";
import { emptyDisk, file, secretStep, settingOf } from "../disko-cycle.ts";
import { demoSystem } from "../mkimage.ts";
import { programDisk } from "../program-disk.ts";

// Disks with LVM that the built program reads, compares and changes, in a guest with real tools: as a whole, and ended after each of its steps.

const programs = (
  "bash blkid blockdev btrfs cryptsetup dumpe2fs e2fsck findmnt lsblk lvs vgs mdadm pvck pvs resize2fs tune2fs sfdisk wipefs " +
  "xfs_db xfs_repair xfs_logprint xfs_growfs mkfs.ext4 mkfs.xfs partx addpart delpart lvcreate lvextend lvremove lvreduce lvrename vgchange " +
  "vgextend pvcreate pvresize od dd stat sync mount umount mkdir setpriv prlimit swapon swapoff"
).split(" ");

const folder = mkdtempSync(join(tmpdir(), "mkimage-change-killed-"));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** The scripts that make what is changed, and open and destroy what it has become. */
function scriptsOf({ old, wanted, extents }: KilledCase): Record<string, readonly Step[]> {
  const before = settingOf(old);
  const after = { root: "/mnt", devices: settingOf(wanted).devices };
  const other = step("lvm_vg.pool", "other extents", [], ["vgchange", "--physicalextentsize", `${extents}b`, "pool"]);
  return {
    format: [...treeSteps("format", old, before), ...(extents === 4 * MiB ? [] : [other])],
    mount: treeSteps("mount", old, before),
    "mount-new": treeSteps("mount", wanted, after),
    "destroy-new": treeSteps("destroy", wanted, after),
  };
}

/** A guest for each case, since one takes half an hour: `ava --match` runs one. */
const guests = new Map<string, Promise<DirectoryInode>>();

function resultsOf(one: KilledCase): Promise<DirectoryInode> {
  const running = guests.get(one.name) ?? runCase(one);
  guests.set(one.name, running);
  return running;
}

async function runCase(one: KilledCase): Promise<DirectoryInode> {
  const { name, old, wanted, destroy } = one;
  const scripts = Object.entries(scriptsOf(one)).map(([what, steps]) => ({ path: `trees/${name}.${what}`, steps }));
  const own = join(folder, name);
  mkdirSync(own);
  const tools = withUdev([...programs, ...scripts.flatMap(({ steps }) => toolsOf(steps))].filter(isTool));
  const disk = await programDisk(own, { programs: [...new Set<string>([...programs, ...tools])], files: {} });
  const kernel = chooseKernel({ toplevel: demoSystem("none"), needs: [] });
  const disks = [...["a", "b", "c"].map((letter) => emptyDisk(own, letter)), disk];
  const job = {
    steps: [
      { title: "open the programs", argv: ["/vm/open-toolbox", "programs"] },
      ...startUdev(tools),
      secretStep("/tmp/secret.key"),
      { title: name, argv: ["/toolbox/bin/bash", "/job/killed", name] },
    ],
    files: [
      file("killed", readFileSync(join(import.meta.dirname, "../change-killed.sh"))),
      file(`trees/${name}.json`, Buffer.from(JSON.stringify(wanted))),
      file(`trees/${name}.destroy`, Buffer.from(`${wordsOf(destroy)}\n`)),
      ...scripts.map(({ path, steps }) => file(path, Buffer.from(renderScript(steps)))),
    ],
    modules: [...new Set([old, wanted].flatMap(modulesOf))],
  };
  const logPath = process.env["MKIMAGE_LOG"] ?? join(own, "log");
  const places = { logPath, resultsPath: join(own, "results"), deadlineSeconds: 7200 };
  return (await runGuest({ architecture: "x86_64", acceleration: "tcg", kernel, disks }, job, places)).results;
}

function wordsOf(destroy: readonly string[]): string {
  return destroy.length === 0 ? "" : `--yes --destroy ${destroy.join(" ")}`;
}

function said(t: ExecutionContext, results: DirectoryInode, path: string): string {
  const inode = lookUp(results, byteString(`files/${path}`));
  return inode?.type === "file" ? contentOf(inode).toString().trim() : (t.fail(`there is no ${path}`) as never);
}

for (const one of killedCases) {
  const { name, seen, least } = one;
  test.serial(`${name}: read, changed as a whole, and the same then`, async (t) => {
    const results = await resultsOf(one);
    const kept = (what: string) => said(t, results, `${name}/${what}`);
    t.log(kept("said.all"));
    t.is(kept("same.all"), "yes", kept("compared.all"));
    t.regex(kept("diff.all"), /there is nothing to do/);
    t.regex(kept("seen.all"), seen);
    t.is(lookUp(results, byteString(`files/${name}/unsound`)), undefined);
  });

  test.serial(`${name}: ended after any of its steps, the same command goes on to the same end`, async (t) => {
    const results = await resultsOf(one);
    const kept = (what: string) => said(t, results, `${name}/${what}`);
    const titles = [...kept("script").matchAll(/^begin '(.*)'$/gm)].map(([, title]) => title);
    t.true(titles.length > least, titles.join("\n"));
    for (let count = 1; count < titles.length; count += 1) {
      const at = `ended after: ${titles[count - 1]}\n${kept(`said.${count}`)}`;
      t.is(kept(`same.${count}`), "yes", at);
      t.is(kept(`seen.${count}`), kept("seen.all"), at);
      t.regex(kept(`diff.${count}`), /there is nothing to do/, at);
    }
  });
}
