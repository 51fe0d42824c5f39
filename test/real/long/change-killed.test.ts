import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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
let results: DirectoryInode;

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

test.before(async () => {
  const scripts = killedCases.flatMap((one) =>
    Object.entries(scriptsOf(one)).map(([what, steps]) => ({ path: `trees/${one.name}.${what}`, steps })),
  );
  const tools = withUdev([...programs, ...scripts.flatMap(({ steps }) => toolsOf(steps))].filter(isTool));
  const disk = await programDisk(folder, { programs: [...new Set<string>([...programs, ...tools])], files: {} });
  const kernel = chooseKernel({ toplevel: demoSystem("none"), needs: [] });
  const disks = [...["a", "b", "c"].map((name) => emptyDisk(folder, name)), disk];
  const job = {
    steps: [
      { title: "open the programs", argv: ["/vm/open-toolbox", "programs"] },
      ...startUdev(tools),
      secretStep("/tmp/secret.key"),
      ...killedCases.map(({ name }) => ({ title: name, argv: ["/toolbox/bin/bash", "/job/killed", name] })),
    ],
    files: [
      file("killed", readFileSync(join(import.meta.dirname, "../change-killed.sh"))),
      ...killedCases.flatMap(({ name, wanted, destroy }) => [
        file(`trees/${name}.json`, Buffer.from(JSON.stringify(wanted))),
        file(`trees/${name}.destroy`, Buffer.from(`${wordsOf(destroy)}\n`)),
      ]),
      ...scripts.map(({ path, steps }) => file(path, Buffer.from(renderScript(steps)))),
    ],
    modules: [...new Set(killedCases.flatMap(({ old, wanted }) => [old, wanted].flatMap(modulesOf)))],
  };
  const logPath = process.env["MKIMAGE_LOG"] ?? join(folder, "log");
  const places = { logPath, resultsPath: join(folder, "results"), deadlineSeconds: 7200 };
  ({ results } = await runGuest({ architecture: "x86_64", acceleration: "tcg", kernel, disks }, job, places));
});

function wordsOf(destroy: readonly string[]): string {
  return destroy.length === 0 ? "" : `--yes --destroy ${destroy.join(" ")}`;
}

function said(t: ExecutionContext, name: string, what: string): string {
  const inode = lookUp(results, byteString(`files/${name}/${what}`));
  return inode?.type === "file" ? contentOf(inode).toString().trim() : (t.fail(`${name} has no ${what}`) as never);
}

for (const { name, seen, least } of killedCases) {
  test(`${name}: read, changed as a whole, and the same then`, (t) => {
    t.log(said(t, name, "said.all"));
    t.is(said(t, name, "same.all"), "yes", said(t, name, "compared.all"));
    t.regex(said(t, name, "diff.all"), /there is nothing to do/);
    t.regex(said(t, name, "seen.all"), seen);
    t.is(lookUp(results, byteString(`files/${name}/unsound`)), undefined);
  });

  test(`${name}: ended after any of its steps, the same command goes on to the same end`, (t) => {
    const titles = [...said(t, name, "script").matchAll(/^begin '(.*)'$/gm)].map(([, title]) => title);
    t.true(titles.length > least, titles.join("\n"));
    for (let count = 1; count < titles.length; count += 1) {
      const at = `ended after: ${titles[count - 1]}\n${said(t, name, `said.${count}`)}`;
      t.is(said(t, name, `same.${count}`), "yes", at);
      t.is(said(t, name, `seen.${count}`), said(t, name, "seen.all"), at);
      t.regex(said(t, name, `diff.${count}`), /there is nothing to do/, at);
    }
  });
}
