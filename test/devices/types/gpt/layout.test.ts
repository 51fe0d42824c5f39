import { createHash } from "node:crypto";
import test from "ava";
import { solveDisk, solveTree, spansOf } from "../../layout/solve-tree.ts";

const gpt = (partitions: object, options: object = {}) => ({ type: "gpt", partitions, ...options });
const spans = (size: string, partitions: object) => spansOf(solveDisk(size, gpt(partitions)));

test("sizes follow each other, and what takes the rest ends a MiB before the end", (t) => {
  const partitions = {
    a: { size: "500M", priority: 1 },
    b: { size: "10M", priority: 2 },
    c: { end: "-1G", priority: 3 },
    d: { size: "100%" },
  };
  t.deepEqual(spans("2G", partitions), [
    [2048, 1026047],
    [1026048, 1046527],
    [1046528, 2095103],
    [2095104, 4192255],
  ]);
});

test("an absolute end belongs to the partition", (t) => {
  t.deepEqual(spans("4G", { a: { end: "500M" }, b: { size: "100%" } }), [
    [2048, 1024000],
    [1026048, 8386559],
  ]);
});

test("an end with a minus counts from the end of the free space", (t) => {
  t.deepEqual(spans("4G", { a: { end: "-10M" } }), [[2048, 8366079]]);
});

test("positions in s are exact", (t) => {
  t.deepEqual(spans("1G", { a: { start: "34s", end: "2047s" }, b: { size: "100%" } }), [
    [34, 2047],
    [2048, 2095103],
  ]);
});

test("a share is of the whole disk, in whole MiB; min and max hold", (t) => {
  const partitions = {
    a: { size: "25%" },
    b: { size: "1%", min: "100M" },
    c: { size: "100%", max: "200M" },
  };
  t.deepEqual(spans("1G", partitions), [
    [2048, 526335],
    [526336, 731135],
    [731136, 1140735],
  ]);
});

test("numbers go by priority, then by name, byte by byte; BIOS boot partitions first, 100% last", (t) => {
  const disk = solveDisk(
    "1G",
    gpt({
      z: { size: "100%" },
      é: { size: "1M" },
      b: { size: "1M" },
      B: { size: "1M" },
      y: { size: "1M", type: "EF02" },
    }),
  );
  t.deepEqual(
    disk.table?.partitions.map(({ number, key }) => [number, key]),
    [
      [1, "y"],
      [2, "B"],
      [3, "b"],
      [4, "é"],
      [5, "z"],
    ],
  );
});

test("labels are disk-DISK-PARTITION; a long one becomes a part of its hash", (t) => {
  const partitions = { ESP: { size: "1M" } };
  const labelOn = (name: string) => {
    const { table } = solveTree({ disk: { [name]: { imageSize: "1G", content: gpt(partitions) } } }).disks[0] ?? {};
    return table?.kind === "gpt" ? table.partitions[0]?.name : undefined;
  };
  const long = "a-disk-with-a-name-that-is-rather-long";
  t.is(labelOn("main"), "disk-main-ESP");
  t.is(labelOn(long), createHash("sha256").update(`disk-${long}-ESP`).digest("hex").slice(0, 36));
});

test("disko's own example of a long name has disko's label", (t) => {
  const name = "this-is-some-super-long-name-to-test-what-happens-when-the-name-is-too-long";
  const layout = solveTree({ disk: { x: { name, imageSize: "1G", content: gpt({ ESP: { size: "1M" } }) } } });
  const table = layout.disks[0]?.table;
  t.is(table?.kind === "gpt" ? table.partitions[0]?.name.length : 0, 36);
});

test("types are codes of sgdisk or GUIDs; swap has its own", (t) => {
  const partitions = {
    a: { size: "1M", type: "ef00" },
    b: { size: "1M", content: { type: "swap" } },
    c: { size: "1M", type: "0fc63daf-8483-4772-8e79-3d69d8477de4" },
  };
  const { table } = solveDisk("1G", gpt(partitions));
  t.deepEqual(
    table?.partitions.map(({ type }) => type),
    [
      "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
      "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F",
      "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
    ],
  );
  t.throws(() => solveDisk("1G", gpt({ a: { size: "1M", type: "1234" } })), {
    code: "BAD_REQUEST",
    message: /partition a: 1234 is no/,
  });
});

test("with sectors of 4096 bytes a MiB has 256 of them", (t) => {
  const disk = solveDisk("1G", gpt({ a: { size: "10M" }, b: { size: "100%" } }), { sectorSize: 4096 });
  t.deepEqual(spansOf(disk), [
    [256, 2815],
    [2816, 261887],
  ]);
  t.like(disk.table, { firstUsable: 6, lastUsable: 262138 });
});

test("identifiers that the tree leaves open follow from the seed, all different", (t) => {
  const layouts = [0, 1].map(() => solveDisk("1G", gpt({ a: { size: "1M" }, b: { size: "1M" } })));
  t.deepEqual(layouts[0], layouts[1]);
  const table = layouts[0]?.table;
  const guids = table?.kind === "gpt" ? [table.guid, ...table.partitions.map(({ guid }) => guid)] : [];
  t.is(new Set(guids).size, 3);
});

test("overlaps and overflows name the partition", (t) => {
  const refused = (partitions: object, message: RegExp, code = "BAD_REQUEST", size = "1G") => {
    const error = t.throws(() => spans(size, partitions), { code }) as Error & { details: string[] };
    t.regex([error.message, ...error.details].join("\n"), message);
  };
  refused(
    { a: { start: "1M", size: "20M" }, b: { start: "10M", size: "5M" } },
    /partition b \(sectors 20480 to 30719\) overlaps partition a/,
  );
  refused(
    { a: { size: "2G" } },
    /disk main is too small: it has 1 GiB and needs 2 GiB .*\n.*partition a .*ends after the last usable/,
    "TOO_SMALL",
  );
  refused({ a: { start: "10s", end: "40s" } }, /partition a .* begins before the first usable sector 34/);
  refused({ a: { start: "100M", end: "50M" } }, /partition a would end at sector 102400, before its start/);
  refused({ a: { size: "100%" }, b: { size: "100%" } }, /partitions a and b both want 100%/);
  refused({ a: { size: "100%", end: "-0" }, b: { size: "100%", end: "-0" } }, /partitions a and b both want 100%/);
  refused({ a: { size: "0" }, b: { size: "10M" } }, /partition b/);
});

test("no more than three partitions stand in a hybrid MBR", (t) => {
  const partition = { size: "1M", hybrid: {} };
  t.throws(() => spans("1G", { a: partition, b: partition, c: partition, d: partition }), {
    message: /hybrid MBR has room for three/,
  });
});
