import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import test, { type ExecutionContext } from "ava";
import * as fc from "fast-check";
import { MkimageError } from "../../../src/base/errors.ts";
import { GiB } from "../../../src/base/units.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { applyChange } from "../../../src/machine/change-disks.ts";
import { context } from "../change-context.ts";
import { ask, judge, loopDevice } from "../loop-device.ts";

// Random pairs of trees on a real disk: either a change is refused and not a byte is another one, or every file is there that was not let go.

interface Partition {
  readonly key: string;
  readonly size: number;
  readonly format: "ext4" | "xfs" | "btrfs" | "swap";
  readonly label: boolean;
}

const partition: fc.Arbitrary<Partition> = fc.record({
  key: fc.constantFrom("a", "b", "c", "d"),
  size: fc.integer({ min: 300, max: 700 }),
  format: fc.constantFrom("ext4", "ext4", "xfs", "btrfs", "swap"),
  label: fc.boolean(),
});

const tree: fc.Arbitrary<Partition[]> = fc.uniqueArray(partition, {
  selector: ({ key }) => key,
  minLength: 1,
  maxLength: 3,
});

interface Change {
  readonly fates: readonly string[];
  readonly sizes: readonly number[];
  readonly further: Partition | null;
  readonly lets: boolean;
}

/** The fate of each partition of a tree: it stays, changes its size, its name, its content, or goes; and another one comes. */
const change: fc.Arbitrary<Change> = fc.record({
  fates: fc.array(fc.constantFrom("stays", "stays", "resized", "renamed", "replaced", "gone"), {
    minLength: 3,
    maxLength: 3,
  }),
  sizes: fc.array(fc.integer({ min: 300, max: 900 }), { minLength: 3, maxLength: 3 }),
  further: fc.option(partition),
  lets: fc.boolean(),
});

const path = (key: string): string => `disk.main.content.partitions.${key}`;

function treeOf(device: string, partitions: readonly Partition[]) {
  const entries = partitions.map(({ key, size, format, label }) => {
    const own = {
      type: "filesystem",
      format,
      mountpoint: `/${key}`,
      ...(label ? { label: `l${key}` } : {}),
    };
    const content =
      format === "swap"
        ? { type: "swap" }
        : format === "btrfs"
          ? { type: "btrfs", mountpoint: `/${key}`, extraArgs: ["-f"] }
          : own;
    return [key, { size: `${size}M`, content }] as const;
  });
  return readDeviceTree({
    disk: { main: { device, content: { type: "gpt", partitions: Object.fromEntries(entries) } } },
  });
}

function changed(old: readonly Partition[], { fates, sizes, further, lets }: Change) {
  const wanted = old.flatMap((one, index): Partition[] => {
    switch (fates[index]) {
      case "resized":
        return [{ ...one, size: sizes[index] ?? one.size }];
      case "renamed":
        return [{ ...one, key: `z${one.key}` }];
      case "replaced":
        return [{ ...one, format: one.format === "ext4" ? "xfs" : "ext4" }];
      case "gone":
        return [];
      default:
        return [one];
    }
  });
  const added = further === null || wanted.some(({ key }) => key === further.key) ? [] : [further];
  const destroy = lets
    ? old.flatMap(({ key }, index) =>
        fates[index] === "gone" ? [path(key)] : fates[index] === "replaced" ? [`${path(key)}.content`] : [],
      )
    : [];
  return { wanted: [...wanted, ...added], destroy };
}

interface Entry {
  readonly node: string;
  readonly uuid: string;
  /** As the tree names it: `disk-main-a`. */
  readonly name: string;
}

function entriesOf(device: string): readonly Entry[] {
  const { partitiontable } = JSON.parse(judge("sfdisk", "--json", device)) as {
    partitiontable: { partitions?: Entry[] };
  };
  return partitiontable.partitions ?? [];
}

/** The sums of all files on a partition, by the kernel's own mount. */
function sumsOf(node: string): string {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-random-"));
  try {
    judge("mount", "-o", "ro", node, folder);
    const names = readdirSync(folder).filter((name) => name.startsWith("file"));
    return names.map((name) => ask("md5sum", join(folder, name)).output.slice(0, 32)).join();
  } finally {
    ask("umount", folder);
    rmSync(folder, { recursive: true });
  }
}

function fill(root: string, seed: number): void {
  for (const name of readdirSync(root)) {
    for (let one = 0; one < 8; one += 1) {
      writeFileSync(join(root, name, `file${one}`), `${name} ${seed} ${one} `.repeat(20_000 * (one + 1)));
    }
  }
}

async function tried(t: ExecutionContext, old: readonly Partition[], how: Change): Promise<string> {
  const teardowns: (() => void)[] = [];
  const scope = { teardown: (undo: () => void) => void teardowns.push(undo) };
  const { path: device } = loopDevice(scope as Pick<ExecutionContext, "teardown">, { size: 2 * GiB });
  const root = mkdtempSync(join(tmpdir(), "mkimage-random-"));
  const release = (): void => {
    for (const name of "abcd") [name, `z${name}`].forEach((one) => ask("umount", join(root, "system", one)));
    ask("bash", "-c", 'for one in "$0"p*; do swapoff "$one"; done', device);
  };
  try {
    const place = join(root, "system");
    mkdirSync(place);
    await applyChange({ tree: treeOf(device, old), root: place, destroy: [] }, context);
    fill(place, 1);
    release();
    const before = new Map(
      entriesOf(device).map(({ node, uuid, name }) => [uuid, { sums: isFiles(node) ? sumsOf(node) : "", name }]),
    );
    const whole = judge("md5sum", device);
    const { wanted, destroy } = changed(old, how);
    const refusal = await applyChange({ tree: treeOf(device, wanted), root: place, destroy }, context).then(
      () => undefined,
      (error: unknown) => error,
    );
    release();
    if (refusal !== undefined) {
      if (!(refusal instanceof MkimageError)) throw refusal;
      t.not(refusal.code, "COMMAND_FAILED", [refusal.message, ...refusal.details].join("\n"));
      t.is(judge("md5sum", device), whole, `${refusal.message}: nothing was changed`);
      return `refused: ${refusal.message}`;
    }
    const now = new Map(entriesOf(device).map(({ node, uuid }) => [uuid, node]));
    for (const [uuid, { sums, name }] of before) {
      const key = name.replace("disk-main-", "");
      const node = now.get(uuid);
      if (destroy.some((one) => one === path(key) || one === `${path(key)}.content`) || sums === "") continue;
      t.truthy(node, `partition ${key} is gone, and nobody let go of it`);
      if (node !== undefined) t.is(sumsOf(node), sums, `the files of ${key}`);
    }
    t.is(ask("sgdisk", "--verify", device).status, 0);
    return "changed";
  } finally {
    release();
    teardowns.toReversed().forEach((undo) => undo());
    rmSync(root, { recursive: true, force: true });
  }
}

function isFiles(node: string): boolean {
  return /^(ext4|xfs|btrfs)$/.test(
    ask("blkid", "--probe", "--match-tag", "TYPE", "--output", "value", node).output.trim(),
  );
}

test.serial(
  "random pairs of trees: refused with nothing changed, or every file is there that was not let go",
  async (t) => {
    const outcomes: string[] = [];
    const seed = Number(process.env["MKIMAGE_SEED"] ?? 22);
    const numRuns = Number(process.env["MKIMAGE_RUNS"] ?? 20);
    await fc.assert(
      fc.asyncProperty(tree, change, async (old, how) => void outcomes.push(await tried(t, old, how))),
      { seed, numRuns, endOnFailure: true, includeErrorInReport: true },
    );
    t.log(`seed ${seed}`, ...outcomes);
    t.true(outcomes.includes("changed") && outcomes.some((one) => one.startsWith("refused")));
  },
);
