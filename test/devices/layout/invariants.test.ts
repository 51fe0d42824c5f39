import test from "ava";
import * as fc from "fast-check";
import { MkimageError } from "../../../src/base/errors.ts";
import { checkLayout } from "../../../src/layout/check.ts";
import { identityFrom } from "../../../src/base/identity.ts";
import type { DiskLayout, GptLayout, Layout } from "../../../src/layout/layout.ts";
import { solveLayout } from "../../../src/devices/layout/solve.ts";
import { MiB } from "../../../src/base/units.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { ext4, solveTree } from "./solve-tree.ts";

const sizes = fc.oneof(
  fc.integer({ min: 1, max: 2000 }).map((size) => `${size}M`),
  fc.integer({ min: 1, max: 60 }).map((percent) => `${percent}%`),
  fc.integer({ min: 8, max: 100_000 }).map((sectors) => `${sectors}s`),
);

const contents = fc.oneof(
  fc.constantFrom(null, { type: "swap" }, ext4("/a"), ext4("/b")),
  fc.constant({ type: "luks", name: "crypt", content: ext4("/c") }),
);

const disks = fc.record({
  sectorSize: fc.constantFrom(512, 4096),
  fixed: fc.array(fc.record({ size: sizes, content: contents }), { maxLength: 4 }),
  rest: fc.option(contents),
});

const property = fc.property(disks, fc.integer({ min: 1, max: 3000 }), ({ sectorSize, fixed, rest }, need) => {
  const entries = [...fixed, ...(rest === null ? [] : [{ size: "100%", content: rest }])];
  const partitions = Object.fromEntries(entries.map((partition, index) => [`p${index}`, partition]));
  const solve = (imageSize: string) => {
    const tree = readDeviceTree({ disk: { a: { sectorSize, imageSize, content: { type: "gpt", partitions } } } });
    // Filesystems in partitions of fixed size take what they get.
    const needs = ({ fixedSize }: { fixedSize: number | null }) => (fixedSize === null ? need * MiB : 0);
    return solveLayout(tree, { identity: identityFrom("a seed"), needs });
  };
  const layout = solvedOrRefused(() => solve("auto"));
  if (layout === undefined) return;
  checkLayout(layout);
  const size = layout.disks[0]?.size ?? 0;
  // The size found is one that does, and the next smaller one does not.
  if (JSON.stringify(solve(`${size}B`)) !== JSON.stringify(layout))
    throw new Error("the size found, given, gives another layout");
  if (size > MiB && solvedOrRefused(() => solve(`${size - MiB}B`)) !== undefined)
    throw new Error("a smaller disk would do");
});

test("whatever is solved keeps the rules of every layout, on the smallest disk that does", (t) => {
  t.notThrows(() => fc.assert(property, { numRuns: 300, seed: 20260307 }));
});

test("the check finds what is wrong with a layout", (t) => {
  const partitions = { a: { size: "10M", content: ext4("/") }, b: { size: "100%" } };
  const layout = solveTree({ disk: { main: { imageSize: "1G", content: { type: "gpt", partitions } } } });
  const faultsWith = (path: string, value: unknown): string => {
    const broken = withValue(layout, path.split("."), value) as Layout;
    const error = t.throws(() => checkLayout(broken), { instanceOf: MkimageError, code: "INTERNAL" });
    return error.details.join("\n");
  };
  const partition = "disks.0.table.partitions.0";
  t.is(faultsWith("disks.0.table.partitions.1.number", 1), "disk main: two partitions have the number 1");
  t.regex(faultsWith(`${partition}.last`, 30_000), /partitions a and b overlap\n.*content does not fill it/);
  t.regex(faultsWith(`${partition}.first`, 5), /a lies outside the usable sectors\n.*a is not aligned to 2048/);
  t.regex(
    faultsWith(`${partition}.guid`, (layout.disks[0] as DiskLayout & { table: GptLayout }).table.guid),
    /stands for two things/,
  );
  t.regex(faultsWith("disks.1", layout.disks[0]), /two disks have the name main/);
  t.regex(faultsWith(`${partition}.content.place.offset`, 512), /content does not fill it/);
  t.regex(faultsWith("disks.0.size", 1000), /no whole number of sectors/);
});

/** A copy in which the value at a path is another one. */
function withValue(target: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const inner = (target as Record<string, unknown>)[key];
  const changed = withValue(inner, rest, value);
  return Array.isArray(target)
    ? Object.assign([...target], { [key]: changed })
    : { ...(target as object), [key]: changed };
}

function solvedOrRefused(solve: () => Layout): Layout | undefined {
  try {
    return solve();
  } catch (error) {
    if (error instanceof MkimageError && error.code !== "INTERNAL") return undefined;
    throw error;
  }
}
