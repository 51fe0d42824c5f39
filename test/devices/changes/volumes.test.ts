import test from "ava";
import { type Bytes, GiB, MiB } from "../../../src/base/units.ts";
import { refused } from "../../../src/devices/changes/difference.ts";
import type { FoundNode } from "../../../src/devices/found.ts";
import { commandsOf } from "../../steps/fixtures.ts";
import { differenceOf, madeFrom, oneDisk, withFacts } from "./found-disks.ts";

// Volumes that other things are made of: they stay as long as anything stays that stands on them.

const ext4 = (mountpoint: string) => ({ type: "filesystem", format: "ext4", mountpoint });
const pv = { pv: { size: "100%", content: { type: "lvm_pv", vg: "pool" } } };
const group = (lvs: object, others: object = {}) => oneDisk(pv, { lvm_vg: { pool: { lvs }, ...others } });
const root = { size: "512M", content: ext4("/") };
const thinpool = { size: "1G", lvm_type: "thin-pool" };
const thin = (mountpoint: string, more: object = {}) => ({
  size: "300M",
  lvm_type: "thinlv",
  pool: "thinpool",
  content: ext4(mountpoint),
  ...more,
});
const lv = (name: string) => `lvm_vg.pool.lvs.${name}`;

function found(lvs: object, facts: Readonly<Record<string, Partial<FoundNode>>> = {}) {
  return withFacts(madeFrom(group(lvs)), facts);
}

const said = (difference: ReturnType<typeof differenceOf>) =>
  refused(difference)
    .map(({ path, refusal }) => `${path}: ${refusal}`)
    .join("\n");

test("a thin pool goes only with all of its volumes, each by its name, and after them", (t) => {
  const there = found({ root, thinpool, a: thin("/a"), b: thin("/b") });
  t.regex(said(differenceOf(group({ root }), there, [lv("thinpool")])), /thinpool: a, b would go with it/);
  t.regex(said(differenceOf(group({ root }), there, [lv("thinpool"), lv("a")])), /thinpool: b would go with it/);
  const all = differenceOf(group({ root }), there, [lv("thinpool"), lv("a"), lv("b")]);
  t.deepEqual(commandsOf(all.steps, "wipe_disk", "lvremove"), [
    "wipe_disk /dev/pool/a",
    "lvremove --yes pool/a",
    "wipe_disk /dev/pool/b",
    "lvremove --yes pool/b",
    "lvremove --yes pool/thinpool",
  ]);
});

test("a thin pool is not renamed, nor made smaller, and no volume moves to another one", (t) => {
  const there = found({ thinpool, a: thin("/a") });
  t.regex(
    said(differenceOf(group({ thinpool: { ...thinpool, size: "512M" }, a: thin("/a") }), there)),
    /thin-pool is not made smaller/,
  );
  const renamed = differenceOf(group({ other: thinpool, a: thin("/a", { pool: "other" }) }), there);
  t.regex(said(renamed), /a: it is in the pool thinpool, and does not move to other/);
});

test("the origin of a snapshot keeps its size and its name, and goes only with that", (t) => {
  const there = found({ root }, { [lv("root")]: { carries: ["snap"] }, "lvm_vg.pool": { others: ["snap"] } });
  t.regex(said(differenceOf(group({}), there, [lv("root")])), /snap would go with it/);
  t.regex(said(differenceOf(group({ root: { ...root, size: "1G" } }), there)), /keeps its size while snap/);
  t.regex(said(differenceOf(group({ system: root }), there)), /keeps its name while snap/);
  t.regex(
    said(differenceOf(group({ root, snap: { ...root, content: ext4("/snap") } }), there)),
    /no tree has a word for has its name/,
  );
});

test("a volume that is a physical volume of another group does not go, and is not cut off", (t) => {
  const inner = { size: "1G", content: { type: "lvm_pv", vg: "inner" } };
  const both = (lvs: object) => group(lvs, { inner: { lvs: {} } });
  const there = madeFrom(both({ root, inner }));
  t.regex(said(differenceOf(group({ root }), there, [lv("inner")])), /inner is made of it/);
  t.regex(
    said(differenceOf(both({ root, inner: { ...inner, size: "512M" } }), there)),
    /physical volume is not made smaller/,
  );
});

test("a volume that is not active does not go: nothing shows what is on it", (t) => {
  const there = found({ root }, { [lv("root")]: { device: undefined } });
  t.regex(said(differenceOf(group({}), there, [lv("root")])), /it is not active/);
});

test("room that volumes without a word in trees take is not given away", (t) => {
  const there = found({ root }, { "lvm_vg.pool": { used: 3.5 * GiB } });
  t.regex(
    said(differenceOf(group({ root, more: { size: "1G", content: ext4("/more") } }), there)),
    /there is no room for it/,
  );
});

test("a striped volume is not made smaller: where LVM rounds down, the end of its filesystem would go", (t) => {
  const striped = { ...root, size: "1G", extraArgs: ["-i", "2"] };
  t.regex(
    said(differenceOf(group({ root: { ...striped, size: "512M" } }), found({ root: striped }))),
    /striped is not made smaller/,
  );
});

test("a new volume is wiped before anything else is done, whatever its extents have kept; a thin one has none", (t) => {
  const more = { size: "256M", content: ext4("/more") };
  const plain = differenceOf(group({ root, more }), found({ root }));
  t.deepEqual(commandsOf(plain.steps, "lvcreate", "wipe_disk", "mkfs.ext4"), [
    "lvcreate --yes --name more --size 256M pool",
    "wipe_disk /dev/pool/more",
    "mkfs.ext4 /dev/pool/more",
  ]);
  const pooled = differenceOf(group({ thinpool, a: thin("/a"), b: thin("/b") }), found({ thinpool, a: thin("/a") }));
  t.deepEqual(commandsOf(pooled.steps, "wipe_disk"), []);
});

/** A group of so many extents of a size, all on one partition, with a root of 512 MiB. */
function withExtents(size: Bytes, count: number) {
  return found(
    { root },
    {
      "lvm_vg.pool": { extentSize: size, size: count * size, used: 512 * MiB },
      "disk.main.content.partitions.pv.content": { extents: { start: MiB, size, count } },
    },
  );
}

for (const [extent, after] of [
  [MiB, 500],
  [4 * MiB, 500],
  [32 * MiB, 512],
  [256 * MiB, 512],
] as const) {
  test(`extents of ${extent / MiB} MiB: sizes are whole extents, and room is counted in them`, (t) => {
    // As many as there is room for on the partition of 4 GiB, less the two MiB that are not its.
    const count = Math.floor((4 * GiB - 3 * MiB) / extent);
    const there = withExtents(extent, count);
    const smaller = differenceOf(group({ root: { ...root, size: "500M" } }), there);
    t.is(smaller.after.nodes.get(lv("root"))?.size, after * MiB);
    t.is(smaller.steps.length > 0, after < 512, "what is the same to a whole extent is left alone");
    const free = count * (extent / MiB) - 512;
    const more = (size: number) => group({ root, more: { size: `${size}M`, content: ext4("/more") } });
    t.is(said(differenceOf(more(free), there)), "");
    t.regex(said(differenceOf(more(free + 1), there)), /there is no room for it/);
    const rest = differenceOf(group({ root: { ...root, size: "100%FREE" } }), there);
    t.is(rest.after.nodes.get(lv("root"))?.size, count * extent);
  });
}

test("a physical volume that lacks room that its device has is told so, once", (t) => {
  const there = withExtents(32 * MiB, 60);
  const wanted = group({ root: { ...root, size: "100%FREE" } });
  const difference = differenceOf(wanted, there);
  t.deepEqual(commandsOf(difference.steps, "pvresize", "lvextend"), [
    "pvresize /dev/sda1",
    "lvextend --yes --extents +100%FREE pool/root",
  ]);
  t.is(difference.after.nodes.get(lv("root"))?.size, 127 * 32 * MiB);
  t.deepEqual(differenceOf(wanted, difference.after).steps, []);
});
