import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import * as fc from "fast-check";
import { MkimageError } from "../../src/base/errors.ts";
import { sgdiskTypes } from "../../src/devices/types/gpt/sgdisk-types.ts";
import { readTable } from "../../src/partitions/read-table.ts";
import { run } from "../../src/runtime/run.ts";
import { solveDisk, spansOf } from "../devices/layout/solve-tree.ts";

// sgdisk and parted say where partitions go; the solver has to come to the same sectors without touching a disk.

const runs = { seed: 20260307 };

test("a GPT is laid out as sgdisk lays it out", async (t) => {
  // sgdisk sleeps for a second after each write, so that many run side by side.
  const samples = fc.sample(gptPartitions, { ...runs, numRuns: 40 });
  const outcomes = await Promise.all(
    samples.map(async (partitions) => {
      const judged = await withDisk("1G", (disk) => sgdiskSpans(disk, partitions));
      t.deepEqual(plannedSpans({ type: "gpt", partitions: numbered(partitions) }), judged, JSON.stringify(partitions));
      return judged;
    }),
  );
  t.true(outcomes.filter((outcome) => outcome !== "refused").length > 20);
});

test("130 partitions are laid out as sgdisk lays them out in a table of 256 entries", async (t) => {
  const names = Array.from({ length: 130 }, (_, index) => `p${String(index).padStart(3, "0")}`);
  const partitions = Object.fromEntries(names.map((name, index) => [name, { start: `${1 + index * 2}M`, size: "1M" }]));
  const judged = await withDisk("1G", async (disk) => {
    const created = names.map((_, index) => `--new=${index + 1}:${1 + index * 2}M:+1M`);
    await run("sgdisk", ["--clear", "--resize-table=256", "--align-end", ...created, disk]);
    return readSpans(disk);
  });
  t.is(judged.length, 130);
  t.deepEqual(plannedSpans({ type: "gpt", partitions }), judged);
});

test("tables are laid out as parted lays them out", async (t) => {
  await withDisk("1G", async (disk) => {
    const property = fc.asyncProperty(fc.constantFrom("gpt", "msdos"), cuts, async (format, positions) => {
      const partitions = positions
        .slice(1)
        .map((end, index) => ({ name: `p${index}`, start: positions[index] ?? "", end }));
      await run("parted", ["--script", disk, "mklabel", format]);
      for (const { name, start, end } of partitions) {
        await run("parted", ["--script", disk, "mkpart", format === "gpt" ? name : "primary", "ext4", start, end]);
      }
      t.deepEqual(
        plannedSpans({ type: "table", format, partitions }),
        await readSpans(disk),
        JSON.stringify(partitions),
      );
    });
    await fc.assert(property, { ...runs, numRuns: 15 });
  });
});

const places: readonly (readonly string[])[] = [
  ["0", "1M", "1M", "512M", "512M", "100%"],
  ["0%", "1M"],
  ["0s", "1M"],
  ["0MiB", "1MiB"],
  ["0", "1MiB"],
  ["0", "100%"],
  ["0MB", "512K"],
  ["0", "33%"],
  ["1", "100M"],
  ["34s", "1M"],
  ["34s", "100s"],
  ["17KiB", "1MiB"],
  ["500kB", "100M"],
  ["10kB", "100M"],
  ["0.1", "100M"],
  ["1.5M", "20.7M"],
  ["0", "1536K", "1536k", "100M"],
  ["1M", "10M", "0", "1M"],
  ["100M", "100%", "0", "100M"],
  ["10M", "20M", "0", "11M"],
  ["20000s", "40000s", "1M", "10M"],
  ["1M", "10M", "10.9M", "50000s"],
  ["50%", "100%", "0", "50%"],
  ["1M", "-1M"],
  ["1M", "-1s"],
  ["1M", "-0"],
  ["1M", "3000s"],
  ["1M", "500M", "1G", "100%"],
  ["600M", "1G", "1M", "1G"],
  ["2000kB", "3000kB", "3000kB", "4000kB"],
  ["2000kB", "3000kB", "3001kB", "4000kB"],
];

test("where both ends cannot be on multiples of 1 MiB, tables are as parted makes them, or refused where it refuses", async (t) => {
  for (const format of ["gpt", "msdos"]) {
    for (const words of places) {
      const partitions = words.flatMap((start, index) =>
        index % 2 === 0 ? [{ name: `p${index}`, start, end: words[index + 1] ?? "" }] : [],
      );
      const judged = await withDisk("1G", (disk) => partedSpans(disk, format, partitions));
      t.deepEqual(plannedSpans({ type: "table", format, partitions }), judged, `${format} ${words.join(" ")}`);
    }
  }
});

/** The codes that this machine's sgdisk knows. */
async function sgdiskCodes(): Promise<string[]> {
  const listed = (await run("sgdisk", ["--list-types"])).stdout.match(/\b[0-9a-f]{4}(?= [A-Za-z])/g) ?? [];
  return listed.map((code) => code.toUpperCase());
}

test("every type code is sgdisk's", async (t) => {
  const codes = await sgdiskCodes();
  t.true(codes.length > 200);
  await withDisk("64M", async (disk) => {
    for (let from = 0; from < codes.length; from += 100) {
      const some = codes.slice(from, from + 100);
      const partitions = some.flatMap((code, index) => {
        const first = 2048 + index * 8;
        return [`--new=${index + 1}:${first}:${first + 7}`, `--typecode=${index + 1}:${code}`];
      });
      await run("sgdisk", ["--clear", "--set-alignment=8", ...partitions, disk]);
      const { partitions: read } = await readTable(disk);
      t.deepEqual(
        read.map(({ type }) => type),
        some.map((code) => sgdiskTypes[code] ?? ""),
      );
    }
  });
});

test("the type codes of a newer sgdisk are types that sfdisk has a name for, but for those of rare processors", async (t) => {
  const listed = new Set(await sgdiskCodes());
  const newer = Object.entries(sgdiskTypes).filter(([code]) => !listed.has(code));
  t.true(newer.every(([code]) => code >= "831D" && code <= "8386"));
  const { stdout } = await run("sfdisk", ["--label", "gpt", "--list-types"]);
  const newest = Object.entries(sgdiskTypes).filter(([code]) => code >= "831D" && code <= "8386");
  t.is(newest.length, 106);
  t.true(newest.filter(([, guid]) => stdout.includes(`${guid}  Linux `)).length >= 88);
  t.is(new Set(newest.map(([, guid]) => guid)).size, 106);
});

interface Partition {
  readonly start: string;
  readonly end: string;
}

const lengths = fc.oneof(
  fc.integer({ min: 1, max: 150 }).map((size) => `${size}M`),
  fc.integer({ min: 1, max: 150_000 }).map((size) => `${size}K`),
  fc.integer({ min: 1, max: 300_000 }).map(String),
);

// A start of 0 and an end that is counted from it, or from the end of what is free: what disko's users write. Explicit
// starts come first, where all of the disk is free: of an end in another free space than the largest, sgdisk makes nonsense.
const gptPartitions: fc.Arbitrary<Partition[]> = fc
  .tuple(
    fc.record({ start: fc.oneof(fc.constant("0"), lengths), end: lengths.map((length) => `+${length}`) }),
    fc.array(fc.record({ start: fc.constant("0"), end: lengths.map((length) => `+${length}`) }), { maxLength: 3 }),
    fc.record({
      start: fc.constant("0"),
      end: fc.oneof(
        fc.constant("-0"),
        lengths.map((length) => `-${length}`),
      ),
    }),
  )
  .map(([first, middle, last]) => [first, ...middle, last]);

/** Positions on a disk of 1 GiB in ascending order, in units that parted aligns and in one that it takes exactly. */
const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }).chain((tenths) => {
  const positions = tenths
    .toSorted((a, b) => a - b)
    .map((tenth) => fc.constantFrom(`${tenth * 10}%`, `${tenth * 100}MB`, `${tenth * 100}MiB`));
  return fc.tuple(...positions).map((middle) => ["0%", ...middle, "100%"]);
});

function numbered(partitions: readonly Partition[]): object {
  return Object.fromEntries(partitions.map((partition, index) => [`p${index}`, { ...partition, priority: index }]));
}

function plannedSpans(content: object): [number, number][] | "refused" {
  try {
    return spansOf(solveDisk("1G", content));
  } catch (error) {
    if (error instanceof MkimageError && error.code !== "INTERNAL") return "refused";
    throw error;
  }
}

async function sgdiskSpans(disk: string, partitions: readonly Partition[]): Promise<[number, number][] | "refused"> {
  const created = partitions.map(({ start, end }, index) => `--new=${index + 1}:${start}:${end}`);
  try {
    await run("sgdisk", ["--clear", "--align-end", ...created, disk]);
  } catch (error) {
    if (error instanceof MkimageError && error.code === "COMMAND_FAILED") return "refused";
    throw error;
  }
  return readSpans(disk);
}

async function partedSpans(
  disk: string,
  format: string,
  partitions: readonly (Partition & { readonly name: string })[],
): Promise<[number, number][] | "refused"> {
  try {
    await run("parted", ["--script", disk, "mklabel", format]);
    for (const { name, start, end } of partitions) {
      await run("parted", ["--script", disk, "--", "mkpart", format === "gpt" ? name : "primary", start, end]);
    }
  } catch (error) {
    if (error instanceof MkimageError && error.code === "COMMAND_FAILED") return "refused";
    throw error;
  }
  return readSpans(disk);
}

async function readSpans(disk: string): Promise<[number, number][]> {
  return (await readTable(disk)).partitions.map(({ first, last }) => [first, last]);
}

async function withDisk<T>(size: "1G" | "64M", use: (disk: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "mkimage-judge-"));
  const disk = join(folder, "disk.raw");
  try {
    await writeFile(disk, "");
    await truncate(disk, size === "1G" ? 2 ** 30 : 2 ** 26);
    return await use(disk);
  } finally {
    await rm(folder, { recursive: true });
  }
}
