import test from "ava";
import { GiB } from "../../../src/base/units.ts";
import { refused } from "../../../src/devices/changes/difference.ts";
import type { FoundDisks, FoundNode } from "../../../src/devices/found.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { commandsOf } from "../../steps/fixtures.ts";
import { differenceOf, madeFrom, oneDisk, saidOf } from "./found-disks.ts";

// Devices that no node of a tree has a content for, and that are not empty.

const ext4 = { type: "filesystem", format: "ext4", mountpoint: "/" };
const path = "disk.main.content.partitions.root";

/** A disk whose one partition has no content, but for what is said of it. */
function holding(facts: Partial<FoundNode>, rest: Partial<FoundDisks> = {}): FoundDisks {
  const made = madeFrom(oneDisk({ root: { size: "1G", content: null } }));
  const device = { device: "/dev/sda1", size: GiB, usedAt: [] };
  return { ...made, nodes: new Map([...made.nodes, [`${path}.content`, { ...device, ...facts }]]), ...rest };
}

const unmarked = { holds: { what: "data without a mark", isUnmarked: true } } as const;
const member = {
  extent: GiB,
  holds: { what: "a device of a filesystem (btrfs) on several", format: "btrfs" },
  obstacle: "it is a device of a filesystem (btrfs) that others have a part of",
} as const;

const wanted = (size: string, content: object | null) => oneDisk({ root: { size, content } });

test("while a system hibernates nothing of the disks is changed, whatever the tree says of its swap, and what is let go", (t) => {
  const swap = { size: "1G", content: { type: "swap" } };
  const holds = { what: "the memory of a system that hibernates", isHibernation: true } as const;
  const root = (size: string) => ({ root: { size, content: { type: "filesystem", format: "ext4", mountpoint: "/" } } });
  const there = madeFrom(oneDisk({ boot: { ...swap, content: null }, ...root("1G") }));
  const content = "disk.main.content.partitions.boot.content";
  const nodes = new Map([...there.nodes, [content, { device: "/dev/sda1", size: GiB, usedAt: [], holds }]]);
  for (const others of [{}, { boot: swap }]) {
    const difference = differenceOf(oneDisk({ ...others, ...root("2G") }), { ...there, nodes }, [content]);
    t.regex(
      refused(difference)
        .map(({ refusal }) => refusal)
        .join("\n"),
      /a system hibernates on \/dev\/sda1/,
    );
    t.deepEqual(difference.steps, []);
  }
});

test("data without a mark is no empty partition: it goes only if it is named, and is shown", (t) => {
  const difference = differenceOf(wanted("1G", ext4), holding(unmarked));
  t.regex(refused(difference)[0]?.refusal ?? "", /there is data without a mark on it; .*--destroy/);
  t.deepEqual(difference.steps, []);
  const agreed = differenceOf(wanted("1G", ext4), holding(unmarked), [`${path}.content`]);
  t.deepEqual(agreed.nodes.at(-1)?.loses, ["data without a mark"]);
  t.deepEqual(commandsOf(agreed.steps), ["wipe_disk /dev/sda1", "mkfs.ext4 /dev/sda1"]);
});

test("it may stay where the tree wants nothing there, but not in a smaller partition", (t) => {
  t.deepEqual(refused(differenceOf(wanted("1G", null), holding(unmarked))), []);
  t.is(refused(differenceOf(wanted("512M", null), holding(unmarked))).length, 1);
});

test("what nobody can know of is not cut off: a partition without content gets smaller only if that is named", (t) => {
  const blank = madeFrom(wanted("1G", null));
  t.regex(refused(differenceOf(wanted("512M", null), blank))[0]?.refusal ?? "", /nothing is known/);
  t.deepEqual(refused(differenceOf(wanted("512M", null), blank, [`${path}.content`])), []);
});

test("swap with a key of its own never has a mark, and is what the tree wants", (t) => {
  const swap = { type: "swap", randomEncryption: true };
  t.deepEqual(saidOf(differenceOf(wanted("1G", swap), holding(unmarked))), []);
  t.is(refused(differenceOf(wanted("512M", swap), holding(unmarked))).length, 1, "it may be open");
});

test("a device of a btrfs on several is refused, named or not, and grows with its partition", (t) => {
  for (const destroy of [[], [`${path}.content`]])
    t.regex(
      refused(differenceOf(wanted("1G", ext4), holding(member), destroy))[0]?.refusal ?? "",
      /others have a part of/,
    );
  const whole = differenceOf(wanted("2G", null), holding(member));
  t.deepEqual(commandsOf(whole.steps, "grow_btrfs"), ["grow_btrfs /dev/sda1 /run/mkimage/scratch"]);
  t.deepEqual(saidOf(differenceOf(wanted("2G", null), whole.after)), []);
  t.is(refused(differenceOf(wanted("512M", null), holding(member))).length, 1);
});

test("a partition that goes takes nothing with it that cannot be shown", (t) => {
  const empty = oneDisk({});
  t.regex(refused(differenceOf(empty, holding(member), [path]))[0]?.refusal ?? "", /that others have a part of/);
  const unread = { unexpressed: [{ path: `${path}.content`, reason: "pvck cannot read it" }] };
  t.regex(refused(differenceOf(empty, holding({}, unread), [path]))[0]?.refusal ?? "", /pvck cannot read it/);
  t.like(differenceOf(empty, holding(unmarked), [path]).nodes.at(-1), {
    loses: ["partition 1 (disk-main-root) of 1 GiB", "data without a mark"],
  });
});

test("a further device of a btrfs is added when the table of its disk is written, whichever disk comes first", (t) => {
  const disks = (rest: object, partitions: object) => ({
    disk: {
      a: { device: "/dev/sda", content: { type: "btrfs", mountpoint: "/", ...rest } },
      b: { device: "/dev/sdb", content: { type: "gpt", partitions } },
    },
  });
  const tree = readDeviceTree(disks({ extraArgs: ["/dev/sdb1"] }, { more: { size: "1G", content: null } }));
  const { steps } = differenceOf(tree, madeFrom(readDeviceTree(disks({}, {}))));
  const order = commandsOf(steps, "change_table", "refuse_bytes", "btrfs").map((line) => line.split(" ")[0]);
  t.deepEqual(order.slice(0, 3), ["change_table", "refuse_bytes", "btrfs"]);
});
