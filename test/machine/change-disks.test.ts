import test from "ava";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import { planChange } from "../../src/machine/change-disks.ts";
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
