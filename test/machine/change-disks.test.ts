import test from "ava";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import { applyChange, planChange } from "../../src/machine/change-disks.ts";
import { block, gptDisk, read } from "../devices/found/facts.ts";
import { fakeMachine } from "./fake-machine.ts";
import { freeDisk } from "./free-disk.ts";

const gpt = {
  type: "gpt",
  partitions: { keep: { label: "keep", size: "20M", content: { type: "filesystem", format: "ext4" } } },
};
const tree = readDeviceTree({
  disk: { data: { device: "/dev/sdb", content: gpt }, main: { device: "/dev/sda", content: gpt } },
});

/** A disk with two partitions, neither of which says which disk it is of. */
function disk(name: string) {
  const partitions = [
    { first: 2048, last: 43_007, name: "keep" },
    { first: 43_008, last: 83_967, name: "old" },
  ];
  const inside = [1, 2].map((number) => block(`${name}${number}`, { mark: { type: "ext4" } }));
  return [gptDisk(name, partitions), ...inside];
}

test("what is let go of one disk is wiped on that disk, in whatever order their names are", async (t) => {
  const { found } = read([...disk("sda"), ...disk("sdb")], { disks: ["sdb", "sda"] });
  const disks = { data: { ...freeDisk, path: "/dev/sdb" }, main: { ...freeDisk, path: "/dev/sda", name: "sda" } };
  const { machine, log } = fakeMachine({ disks, found });
  const destroy = ["disk.main.content.partitions.old"];
  const { steps, difference } = await planChange({ tree, root: "/mnt", destroy }, machine, AbortSignal.any([]));
  t.is(log[1], "read /dev/sdb /dev/sda");
  t.deepEqual(
    difference.nodes.flatMap(({ refusal }) => refusal ?? []),
    [],
  );
  t.deepEqual(
    steps.map(({ title }) => title).filter((title) => title.startsWith("wipe")),
    ["wipe /dev/sda2"],
  );
});

/** Applies a tree without the partition `old`, on a disk that becomes another one while somebody is asked. */
async function applied(meanwhile: ReturnType<typeof read>, destroy: readonly string[]) {
  const found = [read(disk("sda")), meanwhile].map((one) => one.found);
  const { machine, log } = fakeMachine({ disks: { main: { ...freeDisk, path: "/dev/sda", name: "sda" } } });
  const reading = {
    ...machine,
    read: async () => found.shift() ?? Promise.reject(new Error("it is read a third time")),
  };
  const wanted = readDeviceTree({ disk: { main: { device: "/dev/sda", content: gpt } } });
  const context = {
    machine: reading,
    signal: AbortSignal.any([]),
    onStep: () => {},
    onNote: () => {},
    approve: async () => {},
  };
  await applyChange({ tree: wanted, root: "/mnt", destroy }, context);
  return log;
}

const doomed = ["disk.main.content.partitions.old"];
const [table, keep] = disk("sda") as [ReturnType<typeof block>, ReturnType<typeof block>];

test("what was shown is let go when it is still there after the question", async (t) => {
  t.true((await applied(read(disk("sda")), doomed)).includes("run"));
});

for (const [what, old] of [
  ["another filesystem", block("sda2", { mark: { type: "xfs" } })],
  [
    "the same filesystem, made anew",
    block("sda2", { mark: { type: "ext4", uuid: "11111111-2222-3333-4444-555555555555" } }),
  ],
  [
    "a mounted one",
    block("sda2", {
      mark: { type: "ext4" },
      uses: [{ kind: "mount", mountPoint: "/data", root: "/", options: [], used: 1 }],
    }),
  ],
] as const) {
  test(`what has become ${what} while the question was open is not let go`, async (t) => {
    await t.throwsAsync(applied(read([table, keep, old]), doomed), {
      message: "the disks have changed since it was shown what would be lost",
    });
  });
}

for (const [what, readOnly, code] of [
  ["that changes, all is refused", "/dev/sda", "REFUSED_DEVICE"],
  ["that stays as it is, the other one is changed", "/dev/sdb", undefined],
] as const) {
  test(`with a read-only disk ${what}`, async (t) => {
    const { found } = read([...disk("sda"), ...disk("sdb")], { disks: ["sdb", "sda"] });
    const disks = {
      data: { ...freeDisk, path: "/dev/sdb", readOnly: readOnly === "/dev/sdb" },
      main: { ...freeDisk, path: "/dev/sda", name: "sda", readOnly: readOnly === "/dev/sda" },
    };
    const { machine, log } = fakeMachine({ disks, found });
    const context = {
      machine,
      signal: AbortSignal.any([]),
      onStep: () => {},
      onNote: () => {},
      approve: async () => {},
    };
    const applying = applyChange({ tree, root: "/mnt", destroy: doomed }, context);
    if (code === undefined) await t.notThrowsAsync(applying);
    else await t.throwsAsync(applying, { code, message: "/dev/sda is read-only" });
    t.is(log.includes("run"), code === undefined);
  });
}
