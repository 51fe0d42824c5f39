import test from "ava";
import fc from "fast-check";
import { MkimageError } from "../../../src/base/errors.ts";
import { GiB, MiB } from "../../../src/base/units.ts";
import { type TreeDifference, refused } from "../../../src/devices/changes/difference.ts";
import type { DeviceTree } from "../../../src/devices/device-tree.ts";
import type { FoundDisks, FoundNode } from "../../../src/devices/found.ts";
import { commandsOf } from "../../steps/fixtures.ts";
import { differenceOf, madeFrom, oneDisk } from "./found-disks.ts";
import { isLong } from "../../together/is-long.ts";

// Pairs of trees drawn at random: disks that were made from the one are to become those of the other.

const sizes = fc.constantFrom("256M", "512M", "1G", "1500M", "100%");
const formats = fc.constantFrom("ext4", "xfs", "vfat", "btrfs");

const content = (key: string) =>
  fc.oneof(
    { weight: 5, arbitrary: formats.map((format) => ({ type: "filesystem", format, mountpoint: `/${key}` })) },
    { weight: 1, arbitrary: fc.constant({ type: "swap" }) },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constant({ type: "btrfs", mountpoint: `/${key}`, subvolumes: { a: {} } }) },
  );

const held = (key: string) =>
  fc.oneof(
    { weight: 3, arbitrary: content(key) },
    { weight: 1, arbitrary: fc.constant({ type: "lvm_pv", vg: "pool" }) },
    {
      weight: 1,
      arbitrary: fc
        .oneof(content(key), fc.constant({ type: "lvm_pv", vg: "pool" }))
        .map((inner) => ({ type: "luks", name: key, passwordFile: "/key", content: inner })),
    },
  );

const partition = (key: string) =>
  fc.record({ size: sizes, content: held(key), label: fc.constantFrom(null, `own-${key}`) });

const partitions = fc
  .uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 1, maxLength: 4 })
  .chain((keys) => fc.record(Object.fromEntries(keys.map((key) => [key, partition(key)]))));

const volumes = fc
  .uniqueArray(fc.constantFrom("v", "w", "x"), { minLength: 1, maxLength: 3 })
  .chain((keys) =>
    fc.record(Object.fromEntries(keys.map((key) => [key, fc.record({ size: sizes, content: content(key) })]))),
  );

interface Drawn {
  readonly partitions: Record<string, { readonly content: unknown }>;
  readonly lvs: object;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({ partitions, lvs: volumes });

/** A tree, with a volume group where something is a member of one. */
function treeOf({ partitions: some, lvs }: Drawn): DeviceTree {
  const isGroup = JSON.stringify(some).includes("lvm_pv");
  return oneDisk(some, isGroup ? { lvm_vg: { pool: { lvs } } } : {});
}

interface Facts {
  readonly isLarger: boolean;
  readonly smallest: number;
  readonly isMounted: boolean;
  readonly isBehind: boolean;
}

const facts: fc.Arbitrary<Facts> = fc.record({
  isLarger: fc.boolean(),
  smallest: fc.constantFrom(2 * MiB, 300 * MiB, 900 * MiB),
  isMounted: fc.boolean(),
  isBehind: fc.boolean(),
});

function foundOf(tree: DeviceTree, { isLarger, smallest, isMounted, isBehind }: Facts): FoundDisks {
  const made = madeFrom(tree, 4 * GiB);
  const nodes = new Map<string, FoundNode>();
  for (const [path, node] of made.nodes) {
    const isDisk = path === "disk.main";
    const own = {
      ...(isDisk && isLarger ? { size: 6 * GiB } : {}),
      ...(node.smallest === undefined ? {} : { smallest: Math.min(smallest, node.size) }),
      ...(node.smallest !== undefined && isMounted ? { usedAt: [`/somewhere/${path}`] } : {}),
      ...(node.extent !== undefined && isBehind ? { extent: Math.max(MiB, node.extent - 64 * MiB) } : {}),
    };
    nodes.set(path, { ...node, ...own });
  }
  return { ...made, nodes };
}

/** Leaves out trees that make no sense or fit on no disk. */
function soundPair(one: Drawn, other: Drawn, known: Facts): { found: FoundDisks; wanted: DeviceTree } | undefined {
  try {
    const wanted = treeOf(other);
    madeFrom(wanted, 64 * GiB);
    return { found: foundOf(treeOf(one), known), wanted };
  } catch (error) {
    if (error instanceof MkimageError) return undefined;
    throw error;
  }
}

function spansOf({ nodes }: FoundDisks) {
  return [...nodes].flatMap(([path, { place, size, device }]) => {
    return place === undefined ? [] : [{ path, device, first: place.offset, last: place.offset + size - 1 }];
  });
}

/** A pair, and what comes of it. */
function forPairs(check: (pair: { found: FoundDisks; wanted: DeviceTree }, difference: TreeDifference) => void): void {
  let sound = 0;
  let applied = 0;
  fc.assert(
    fc.property(drawn, drawn, facts, (one, other, known) => {
      const pair = soundPair(one, other, known);
      if (pair === undefined) return;
      const difference = differenceOf(pair.wanted, pair.found);
      sound += 1;
      if (refused(difference).length === 0) applied += 1;
      check(pair, difference);
    }),
    { numRuns: isLong ? 20_000 : 500 },
  );
  if (sound < 100 || applied < 10) throw new Error(`${sound} pairs were sound, and ${applied} of them applied`);
}

test("no partition overlaps another or ends behind the disk, and none that stays begins elsewhere", (t) => {
  forPairs(({ found }, difference) => {
    if (refused(difference).length > 0) return;
    const spans = spansOf(difference.after);
    const end = difference.after.nodes.get("disk.main")?.size ?? 0;
    for (const one of spans) {
      if (one.last >= end) throw new Error(`${one.path} ends behind the disk`);
      const other = spans.find((each) => each !== one && one.first <= each.last && each.first <= one.last);
      if (other !== undefined) throw new Error(`${one.path} overlaps ${other.path}`);
    }
    for (const old of spansOf(found)) {
      const now = spans.find(({ device }) => device === old.device);
      if (now?.first !== old.first) throw new Error(`${old.path} was moved`);
    }
  });
  t.pass();
});

test("nothing is lost, and nothing is smaller than what it holds", (t) => {
  forPairs(({ found }, difference) => {
    const made = commandsOf(difference.steps, "lvcreate").map((line) => /--name (\S+)/.exec(line)?.[1]);
    const lines = commandsOf(difference.steps, "wipe_disk", "lvremove", "vgremove", "mkfs.ext4", "change_table").filter(
      // A volume that is made is wiped.
      (line) => !made.some((name) => line === `wipe_disk /dev/pool/${name}`),
    );
    if (lines.some((line) => /^(wipe_disk|lvremove|vgremove)|:delete/.test(line))) throw new Error(lines.join("\n"));
    if (refused(difference).length > 0) {
      if (difference.steps.length > 0) throw new Error("something is done though it is refused");
      return;
    }
    const there = new Map(
      [...found.nodes].flatMap(([, node]) => (node.smallest === undefined ? [] : [[node.device, node.smallest]])),
    );
    for (const { path, device, after, state } of difference.nodes) {
      const least = there.get(device ?? "");
      if (state === "missing" && least !== undefined && path.endsWith("content"))
        throw new Error(`${path} is made on ${device}`);
      if (least !== undefined && after !== null && after < least)
        throw new Error(`${path} becomes smaller than what it holds`);
    }
  });
  t.pass();
});

test("changed disks are as the tree says, and the same comparison says the same", (t) => {
  forPairs(({ found, wanted }, difference) => {
    const again = differenceOf(wanted, found);
    if (JSON.stringify(again.nodes) !== JSON.stringify(difference.nodes)) throw new Error("it says something else");
    if (refused(difference).length > 0) return;
    const { nodes } = differenceOf(wanted, difference.after);
    const rest = nodes.filter(
      ({ state, change, refusal }) => change !== "none" || refusal !== undefined || !/same|extra/.test(state),
    );
    if (rest.length > 0) throw new Error(JSON.stringify(rest, null, 1));
  });
  t.pass();
});
