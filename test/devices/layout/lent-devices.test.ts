import test from "ava";
import { MiB } from "../../../src/base/units.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { treeSteps } from "../../../src/devices/steps/tree-steps.ts";
import { solveTree } from "./solve-tree.ts";

const uuid = "f222513b-ded1-49fa-b591-20ce86a2fe7f";

/** A filesystem of 300 MiB on one disk that names a device of another. */
function treeWith(device: string, other: object, content: object = { type: "btrfs" }) {
  const extraArgs = ["-f", `-d raid1 ${device}`];
  const own = { size: "100%", content: { mountpoint: "/", extraArgs, ...content } };
  return {
    disk: {
      one: { device: "/dev/disk/by-id/nvme-one", ...other },
      two: { device: "/dev/nvme1n1", content: { type: "gpt", partitions: { data: own } } },
    },
  };
}

const gpt = (partition: object = {}) => ({
  content: { type: "gpt", partitions: { boot: { size: "10M" }, data: { size: "100%", ...partition } } },
});
const table = { content: { type: "table", partitions: [{ name: "data", start: "1MiB" }] } };

const ways: readonly (readonly [device: string, other: object])[] = [
  ["/dev/disk/by-partlabel/disk-one-data", gpt()],
  ["/dev/disk/by-partlabel/own", gpt({ label: "own" })],
  [`/dev/disk/by-partuuid/${uuid}`, gpt({ uuid: uuid.toUpperCase() })],
  ["/dev/disk/by-id/nvme-one-part2", gpt()],
  ["/dev/mapper/own", gpt({ device: "/dev/mapper/own" })],
  ["/dev/disk/by-id/nvme-one-part1", table],
  ["/dev/disk/by-partlabel/data", table],
  ["/dev/disk/by-id/nvme-one", {}],
];

for (const [device, other] of ways) {
  test(`a device that is lent to a filesystem elsewhere gets its size: ${device} of ${JSON.stringify(other).slice(0, 70)}`, (t) => {
    const size = (tree: object) => solveTree(tree, { "/": 300 }).disks[0]?.size ?? 0;
    t.true(size(treeWith(device, other)) >= 300 * MiB);
    if ("content" in other) t.true(size(treeWith("/dev/other", other)) < 20 * MiB);
  });
}

test("a journal takes no more than a journal", (t) => {
  const content = {
    type: "filesystem",
    format: "xfs",
    extraArgs: ["-l", "logdev=/dev/disk/by-partlabel/disk-one-data,size=64m"],
  };
  const [one] = solveTree(treeWith("", gpt(), content), { "/": 300 }).disks;
  t.true(one !== undefined && one.size >= 128 * MiB && one.size < 160 * MiB, String(one?.size));
});

test("where the tools run, lent devices are called what they are called there", (t) => {
  const here = (device: string) => {
    const steps = treeSteps("format", readDeviceTree(treeWith(device, gpt({ uuid }))), {
      root: "/mnt",
      devices: { one: "/dev/sdx", two: "/dev/loop7" },
    });
    const commands = steps.flatMap((step) => (step.kind === "commands" ? step.commands.map(({ argv }) => argv) : []));
    return commands.find(([program]) => program === "mkfs.btrfs")?.slice(-2);
  };
  for (const device of [ways[0]?.[0] ?? "", `/dev/disk/by-partuuid/${uuid}`, "/dev/disk/by-id/nvme-one-part2"])
    t.deepEqual(here(device), ["/dev/sdx2", "/dev/loop7p1"]);
  t.deepEqual(here("/dev/disk/by-id/nvme-one"), ["/dev/sdx", "/dev/loop7p1"]);
  t.deepEqual(here("/dev/other"), ["/dev/other", "/dev/loop7p1"]);
});
