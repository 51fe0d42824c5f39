import test from "ava";
import { solveDisk, spansOf } from "../../layout/solve-tree.ts";

const table = (format: string, partitions: readonly object[]) => ({ type: "table", format, partitions });
const spans = (size: string, format: string, partitions: readonly object[]) =>
  spansOf(solveDisk(size, table(format, partitions)));

test("M means millions of bytes, and moves to the nearest MiB", (t) => {
  t.deepEqual(spans("4G", "gpt", [{ start: "1M", end: "500M" }, { start: "500M" }]), [
    [2048, 976895],
    [976896, 8386559],
  ]);
});

test("MiB is exact, and as an end names the first sector outside", (t) => {
  t.deepEqual(spans("1G", "msdos", [{ start: "1MiB", end: "256MiB" }, { start: "256MiB" }]), [
    [2048, 524287],
    [524288, 2097151],
  ]);
});

test("logical partitions count from 5 and leave room for their records", (t) => {
  const disk = solveDisk(
    "2G",
    table("msdos", [
      { start: "1M", end: "500M", "fs-type": "ext4" },
      { start: "500M", end: "50%", "fs-type": "fat32", bootable: true },
      { "part-type": "extended", start: "50%" },
      { "part-type": "logical", start: "50%", end: "70%", "fs-type": "linux-swap" },
      { "part-type": "logical", start: "70%" },
    ]),
  );
  const rows =
    disk.table?.kind === "msdos"
      ? disk.table.partitions.map(({ number, first, last, type, active }) => [number, first, last, type, active])
      : [];
  t.deepEqual(rows, [
    [1, 2048, 976895, 0x83, false],
    [2, 976896, 2097151, 0x0c, true],
    [3, 2097152, 4194303, 0x0f, false],
    [5, 2099200, 2936831, 0x82, false],
    [6, 2938880, 4194303, 0x83, false],
  ]);
});

test("where sectors say so, logical partitions need one sector before them, unless the first one has 1 MiB", (t) => {
  const logical = (...starts: readonly string[]) => [
    { "part-type": "extended", start: "4094s", end: "100000s" },
    ...starts.map((start, index) => ({ "part-type": "logical", start, end: `${(index + 1) * 10_000}s` })),
  ];
  t.deepEqual(spans("1G", "msdos", logical("4096s", "10002s")).slice(1), [
    [4096, 10_000],
    [10_002, 20_000],
  ]);
  for (const starts of [["4094s"], ["4096s", "10001s"], ["8192s", "10002s"]])
    t.throws(() => spans("1G", "msdos", logical(...starts)), { message: /has no free space in an extended partition/ });
});

test("flags give types and attributes", (t) => {
  const { table: gpt } = solveDisk(
    "1G",
    table("gpt", [
      { end: "10MiB", flags: ["bios_grub"] },
      { start: "10MiB", "fs-type": "fat32", flags: ["legacy_boot", "hidden"] },
    ]),
  );
  t.like(gpt?.partitions, [
    { type: "21686148-6449-6E6F-744E-656564454649", attributes: [] },
    { type: "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7", attributes: [0, 2] },
  ]);
  t.throws(() => solveDisk("1G", table("msdos", [{ flags: ["bios_grub"] }])), {
    code: "BAD_REQUEST",
    message: /bios_grub is no flag/,
  });
});

test("what overlaps or overflows is refused by name", (t) => {
  const partitions = [
    { name: "one", start: "1MiB", end: "20MiB" },
    { name: "two", start: "10MiB", end: "30MiB" },
  ];
  t.throws(() => spans("1G", "gpt", partitions), {
    code: "BAD_REQUEST",
    message: /partition two .* overlaps partition one/,
  });
  t.throws(() => spans("1G", "msdos", [{ "part-type": "logical" }]), {
    message: /no free space in an extended partition/,
  });
  t.throws(() => spans("1G", "msdos", [{ start: "1MiB", end: "2GiB" }]), { code: "TOO_SMALL" });
});
