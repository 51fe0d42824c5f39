import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { MiB } from "../../../src/base/units.ts";
import { leaveOutOfStep } from "../../../src/deploy/mirrors.ts";
import { modulesOf } from "../../../src/devices/steps/needed-modules.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { chooseKernel } from "../../../src/guest/kernel.ts";
import { runGuest } from "../../../src/guest/run-guest.ts";
import { openToolbox } from "../../../src/guest/toolbox/toolbox.ts";
import { contentOf } from "../../../src/manifest/file-content.ts";
import { lookUp } from "../../../src/manifest/tree.ts";
import { draftOf } from "../../pipeline/drafts.ts";
import { noise } from "../disk-image.ts";
import { temporaryFolder } from "../loop-device.ts";
import { demoSystem } from "../mkimage.ts";

const member = { imageSize: "192M", content: { type: "mdraid", name: "data" } };
const tree = readDeviceTree({
  disk: { one: member, two: member },
  mdadm: { data: { level: 1, content: { type: "filesystem", format: "ext4", mountpoint: "/" } } },
});

const environment = "export PATH=/toolbox/bin:/bin MDADM_NO_UDEV=1\n";
const create = `${environment}mdadm --create /dev/md/data --level=1 --raid-devices=2 --metadata=1.2 --force --run --assume-clean \
  --bitmap=none /dev/vda /dev/vdb
mdadm --stop /dev/md/data`;
const compare = `${environment}mdadm --assemble /dev/md/data /dev/vda /dev/vdb
cd /sys/block/md*/md
seconds=0
until dmesg | grep -q "resync done" || [ "$seconds" -ge 120 ]; do seconds=$((seconds + 1)); sleep 1; done
echo check >sync_action
until [ "$(cat sync_action)" = idle ]; do sleep 1; done
mkdir -p /results/files; cat mismatch_cnt >/results/files/mismatches`;

test("a mirror whose halves differ where nothing was written is brought into step by the kernel", async (t) => {
  const folder = temporaryFolder(t);
  const toolbox = await openToolbox(["mdadm"], { architecture: "x86_64", workFolder: folder });
  const files = ["one", "two"].map((name) => join(folder, name));
  for (const path of files) {
    writeFileSync(path, "");
    truncateSync(path, 192 * MiB);
  }
  const disks = files.map(
    (path, index) => ({ path, format: "raw", serial: `disk-${index}`, access: "scratch" }) as const,
  );
  const machine = {
    architecture: "x86_64",
    acceleration: "tcg",
    kernel: chooseKernel({ toplevel: demoSystem("none"), needs: [] }),
    disks: [...disks, toolbox.disk],
  } as const;
  const run = async (title: string, script: string) => {
    const steps = [...toolbox.steps, { title, argv: ["sh", "-euc", script] }];
    const job = { steps, files: [], modules: [...new Set([...toolbox.modules, ...modulesOf(tree)])] };
    const places = { logPath: join(folder, "log"), resultsPath: join(folder, title), deadlineSeconds: 2400 };
    return (await runGuest(machine, job, places)).results;
  };
  await run("create", create);
  for (const [index, path] of files.entries()) {
    const disk = openSync(path, "r+");
    writeSync(disk, noise(path, 8 * MiB), 0, 8 * MiB, 100 * MiB);
    closeSync(disk);
    const { layout } = draftOf({}, { tree }).plan;
    const planned = layout.disks[index];
    if (planned === undefined) return t.fail("a tree of one disk");
    leaveOutOfStep(layout, planned, path);
  }
  const found = lookUp(await run("compare", compare), "files/mismatches");
  t.is(found?.type === "file" ? contentOf(found).toString().trim() : undefined, "0");
});
