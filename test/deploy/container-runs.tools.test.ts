import { execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { MiB } from "../../src/base/units.ts";
import { containerRunsOf } from "../../src/deploy/container-runs.ts";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import { findTool } from "../../src/runtime/tools.ts";
import { temporaryFolder } from "../image/folder.ts";
import { draftOf } from "../pipeline/drafts.ts";

const root = { type: "filesystem", format: "ext4", mountpoint: "/" };
const luks = (name: string, content: object) => ({ type: "luks", name, settings: { keyFile: "/key" }, content });
const whole = (content: object) => ({ type: "gpt", partitions: { only: { size: "100%", content } } });
const member = (type: string, key: string, name: string) => ({ type, [key]: name });

const usualCipher = "aes-xts-plain64";

/** The runs of a tree's first disk, a file with a container that cryptsetup has made at its partition's place. */
function runsOf(t: ExecutionContext, tree: object, cipher: string = usualCipher) {
  const draft = draftOf({}, { tree: readDeviceTree(tree) });
  const { layout } = draft.plan;
  const [disk] = layout.disks;
  if (disk === undefined) throw new Error("a tree without a disk");
  const path = join(temporaryFolder(t), "disk");
  writeFileSync(path, "");
  truncateSync(path, disk.size);
  const [partition] = disk.table?.partitions ?? [];
  const start = (partition?.first ?? 0) * disk.sectorSize;
  const container = `${path}.container`;
  writeFileSync(container, "");
  truncateSync(container, 32 * MiB);
  const cheap = ["--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000", "--cipher", usualCipher];
  if (cipher !== "none")
    execFileSync(findTool("cryptsetup"), ["luksFormat", "-q", ...cheap, container, "/etc/hostname"]);
  // cryptsetup makes one with another cipher only where the kernel can open it.
  const bytes = readFileSync(container).toString("latin1").replaceAll(usualCipher, cipher);
  const file = openSync(path, "r+");
  writeSync(file, Buffer.from(bytes, "latin1"), 0, undefined, start);
  closeSync(file);
  return { runs: containerRunsOf(layout, disk, path), start, disk };
}

test("what is in a container and was not written may hold anything; its header and its end may not", (t) => {
  const { runs, start, disk } = runsOf(t, { disk: { main: { content: whole(luks("crypted", root)) } } });
  const [{ offset, length } = { offset: 0, length: 0 }, ...others] = runs;
  t.deepEqual(others, []);
  t.is(offset, start + 16 * MiB);
  t.true(offset + length <= disk.size - 2 * MiB);
  t.true(length > disk.size / 2);
});

test("volumes in a container are in it alone", (t) => {
  const tree = {
    disk: { main: { content: whole(luks("crypted", member("lvm_pv", "vg", "pool"))) } },
    lvm_vg: { pool: { lvs: { root: { size: "100%", content: root } } } },
  };
  t.is(runsOf(t, tree).runs.length, 1);
});

const array = (level: number) => ({
  disk: Object.fromEntries(
    ["one", "two"].map((name) => [name, { content: whole(luks(name, member("mdraid", "name", "raid"))) }]),
  ),
  mdadm: { raid: { level, content: root } },
});
const plain = { disk: { main: { content: whole(luks("crypted", root)) } } };
const none: Readonly<Record<string, readonly [tree: object, cipher?: string]>> = {
  "members of an array in containers": [array(1)],
  "a cipher that changes nothing": [plain, "cipher_null-ecb"],
  "a container that is not where the plan has it": [plain, "none"],
  "a filesystem without a container": [{ disk: { main: { content: whole(root) } } }],
};
for (const [name, [tree, cipher]] of Object.entries(none)) {
  test(`all of it is written: ${name}`, (t) => {
    t.deepEqual(runsOf(t, tree, cipher).runs, []);
  });
}
