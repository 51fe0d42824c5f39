import test from "ava";
import * as fc from "fast-check";
import { identityFrom } from "../../../src/base/identity.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { solveLayout } from "../../../src/devices/layout/solve.ts";
import { factsOf, type TableFacts } from "../../../src/partitions/table-facts.ts";
import { block, gptDisk, guidOf, msdosDisk, read } from "./facts.ts";

const efi = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
const swapType = "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F";

test("a GPT of disko's: the disk and its partitions have the names that the labels say", (t) => {
  const { text, found } = read([
    gptDisk("sda", [
      { first: 2048, last: 133_119, name: "disk-main-ESP", type: efi },
      { first: 133_120, last: 4_192_255, name: "disk-main-root" },
    ]),
    block("sda1", { mark: { type: "vfat", version: "FAT32", uuid: "ABCD-1234" } }),
    block("sda2", { mark: { type: "ext4", uuid: guidOf(7) } }),
  ]);
  t.deepEqual(text, {
    disk: {
      main: {
        device: "/dev/sda",
        content: {
          type: "gpt",
          guid: guidOf(0),
          partitions: {
            ESP: {
              type: "EF00",
              size: "64M",
              uuid: guidOf(1),
              content: { type: "filesystem", format: "vfat", uuid: "ABCD-1234", extraArgs: ["-F", "32"] },
            },
            root: { size: "100%", uuid: guidOf(2), content: { type: "filesystem", format: "ext4", uuid: guidOf(7) } },
          },
        },
      },
    },
  });
  t.deepEqual(found.unexpressed, []);
  const partition = found.nodes.get("disk.main.content.partitions.root");
  t.deepEqual(partition?.place, { offset: 133_120 * 512, number: 2 });
  t.is(partition?.device, "/dev/sda2");
});

test("labels of others: keys are plain and not taken, and the order of the numbers stays", (t) => {
  const { text, found } = read([
    gptDisk("vda", [
      { first: 2048, last: 4095, name: "z" },
      { first: 4096, last: 6143, name: "a.b/\u001b[31m" },
      { first: 6144, last: 8191, name: "" },
      { first: 8192, last: 10_239, name: "z" },
      { first: 10_240, last: 12_287, name: "", type: swapType },
    ]),
  ]);
  const gpt = found.tree.disk["vda"]?.content;
  t.true(gpt?.type === "gpt");
  if (gpt?.type !== "gpt") return;
  t.deepEqual(
    Object.entries(gpt.partitions).map(([key, { label, priority }]) => [key, label, priority]),
    [
      ["z", "z", 1],
      ["a_b_31m", "a.b/\u001b[31m", 2],
      ["part3", "", 3],
      ["z_2", "z", 4],
      ["swap", "", 5],
    ],
  );
  t.deepEqual(text["nodev"], undefined);
});

const spans = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 200_000 })), {
    minLength: 1,
    maxLength: 9,
  })
  .map((parts) => {
    let next = 34;
    return parts.map(([gap, length]) => {
      const first = next + gap;
      next = first + length;
      return { first, last: next - 1 };
    });
  });

test("property: a GPT that is read and solved again lies where it was", (t) => {
  fc.assert(
    fc.property(spans, fc.constantFrom(512, 4096), (places, sectorSize) => {
      const size = 2 ** 33;
      const disk = gptDisk(
        "sda",
        places.map((place, index) => ({ ...place, name: `p${index}` })),
        { size, sectorSize },
      );
      const { found, text } = read([disk]);
      t.deepEqual(found.unexpressed, []);
      t.deepEqual(solved(text, size), { ...disk.table, firstUsable: 0, lastUsable: 0 } as TableFacts);
    }),
    { numRuns: 100 },
  );
});

test("a GPT that no tree makes: holes in the numbers, overlaps, reserved attributes are named", (t) => {
  const { found } = read([
    gptDisk("sda", [
      { number: 1, first: 2048, last: 4095, name: "a", attributes: [1, 13] },
      { number: 4, first: 4000, last: 6143, name: "b" },
    ]),
  ]);
  t.deepEqual(
    found.unexpressed.map(({ path, reason }) => `${path}: ${reason}`),
    [
      "disk.sda.content: its partitions have the numbers 1, 4; those of a tree count from 1 on without a gap",
      "disk.sda.content: its partitions 1 and 4 overlap",
      "disk.sda.content: partition b (sectors 4000 to 6143) overlaps partition a",
      "disk.sda.content.partitions.a: the attribute bits 13 are set, which are reserved",
    ],
  );
});

test("a hybrid MBR becomes the entries of its partitions; one that speaks of others is named", (t) => {
  const protective = { type: 0xee, active: false, first: 1, count: 2047 };
  const own = { type: 0x0c, active: true, first: 2048, count: 2048 };
  const disk = (mbr: readonly (typeof own)[]) =>
    read([gptDisk("sda", [{ first: 2048, last: 4095, name: "a" }], { mbr })]);
  const gptOf = ({ found }: ReturnType<typeof read>) => {
    const content = found.tree.disk["sda"]?.content;
    return content?.type === "gpt" ? content : undefined;
  };
  const before = gptOf(disk([protective, own]));
  t.deepEqual(before?.partitions["a"]?.hybrid, { mbrPartitionType: "0x0c", mbrBootableFlag: true });
  t.true(before?.efiGptPartitionFirst);
  t.false(gptOf(disk([own, protective]))?.efiGptPartitionFirst);
  const other = disk([protective, { ...own, first: 9999 }]);
  t.is(gptOf(other)?.partitions["a"]?.hybrid, null);
  t.regex(other.found.unexpressed[0]?.reason ?? "", /two tables, which say different things/);
  t.true(other.found.unexpressed[0]?.isFault, "no table is changed that another one contradicts");
});

const debian = {
  kind: "msdos",
  signature: 0x1a2b3c4d,
  partitions: [
    { number: 1, first: 2048, last: 2_000_895, type: 0x83, active: true },
    { number: 2, first: 2_002_942, last: 4_192_255, type: 0x05, active: false },
    { number: 5, first: 2_002_944, last: 3_000_319, type: 0x82, active: false },
    { number: 6, first: 3_002_368, last: 4_192_255, type: 0x8e, active: false },
  ],
} as const;

test("an msdos table as Debian's installer makes it lies where it was, and the other type is named", (t) => {
  const { text, found } = read([msdosDisk("sda", debian)]);
  t.deepEqual(
    found.unexpressed.map(({ reason }) => reason),
    ["its type is 05; a tree makes 0f"],
  );
  const partitions = debian.partitions.map((one) => (one.number === 2 ? { ...one, type: 0x0f } : one));
  t.deepEqual(solved(text, 2 ** 31), { ...debian, partitions });
});

test("every type byte that parted has words for is said in them", (t) => {
  for (const type of [0x07, 0x0c, 0x0e, 0x12, 0x27, 0x41, 0x82, 0x83, 0x84, 0x8e, 0xaf, 0xea, 0xef, 0xf0, 0xfd]) {
    const table = { ...debian, partitions: [{ ...debian.partitions[0], type }] };
    const { text, found } = read([msdosDisk("sda", table)]);
    t.deepEqual(found.unexpressed, []);
    t.deepEqual(solved(text, 2 ** 31), table);
  }
  const { found } = read([msdosDisk("sda", { ...debian, partitions: [{ ...debian.partitions[0], type: 0xa5 }] })]);
  t.deepEqual(
    found.unexpressed.map(({ reason }) => reason),
    ["its type is a5; a tree makes 83"],
  );
});

/** The table of a tree on a disk of this size, without what a program decides that makes it. */
function solved(text: object, size: number): TableFacts | undefined {
  const tree = readDeviceTree(text);
  const [name = ""] = Object.keys(tree.disk);
  const layout = solveLayout(tree, { identity: identityFrom("x"), needs: () => 0, sizes: { [name]: size } });
  const table = layout.disks[0]?.table;
  const facts = table === null || table === undefined ? undefined : factsOf(table);
  return facts?.kind === "gpt" ? { ...facts, firstUsable: 0, lastUsable: 0 } : facts;
}

test("a name that means something to JavaScript or to disko is a label, and no key", (t) => {
  const names = ["__proto__", "constructor", "_module", "disk-x-__proto__"];
  const { text, found } = read([
    gptDisk(
      "sda",
      names.map((name, index) => ({ name, first: 2048 * (index + 1), last: 2048 * (index + 2) - 1 })),
    ),
  ]);
  const gpt = found.tree.disk["sda"]?.content;
  if (gpt?.type !== "gpt") return t.fail();
  t.deepEqual(
    Object.entries(gpt.partitions).map(([key, { label }]) => [key, label]),
    [
      ["proto__", "__proto__"],
      ["constructor", "constructor"],
      ["module", "_module"],
      ["disk-x-__proto__", "disk-x-__proto__"],
    ],
  );
  t.deepEqual(readDeviceTree(JSON.parse(JSON.stringify(text))), found.tree);
});

test("a partition whose device is not there, or is elsewhere than the table says, has no content, and that is named", (t) => {
  const disk = gptDisk("sda", [
    { first: 2048, last: 4095, name: "a" },
    { first: 4096, last: 6143, name: "b" },
  ]);
  const seen = disk.partitions.map((one) => ({ ...one, size: one.size * 2 })).slice(0, 1);
  const { found } = read([{ ...disk, partitions: seen }, block("sda1", { mark: { type: "ext4" } })]);
  t.deepEqual(
    found.unexpressed.map(({ path, reason }) => `${path}: ${reason}`),
    [
      "disk.sda.content.partitions.a: its device sda1 is at another place than the table says, or has another size; the kernel reads the table again by partx --update /dev/sda",
      "disk.sda.content.partitions.b: there is no device for it, so that what is in it is not known; the kernel reads the table again by partx --update /dev/sda",
    ],
  );
  const gpt = found.tree.disk["sda"]?.content;
  t.true(gpt?.type === "gpt" && gpt.partitions["a"]?.content === null);
});
