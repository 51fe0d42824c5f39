import test from "ava";
import { GiB, MiB } from "../../../src/base/units.ts";
import { refused } from "../../../src/devices/changes/difference.ts";
import { commandsOf } from "../../steps/fixtures.ts";
import { differenceOf, madeFrom, oneDisk, saidOf, withFacts } from "./found-disks.ts";

// What is not done, and what is done only if it is named.

const ext4 = (mountpoint: string, more: object = {}) => ({ type: "filesystem", format: "ext4", mountpoint, ...more });
const xfs = (mountpoint: string) => ({ type: "filesystem", format: "xfs", mountpoint });
const pv = { type: "lvm_pv", vg: "pool" };
const root = { size: "1G", content: ext4("/") };
const rootPath = "disk.main.content.partitions.root";

const made = (partitions: object, rest: object = {}) => madeFrom(oneDisk(partitions, rest));

/** Each pair of what there is and what is wanted, and the reason for which it is refused. */
const reasons: readonly (readonly [
  what: string,
  found: ReturnType<typeof madeFrom>,
  wanted: ReturnType<typeof oneDisk>,
  reason: RegExp,
])[] = [
  [
    "another filesystem",
    made({ root }),
    oneDisk({ root: { size: "1G", content: xfs("/") } }),
    /it would be lost: a filesystem \(ext4\); --destroy/,
  ],
  [
    "a filesystem in place of a container",
    made({ root: { size: "1G", content: { type: "luks", name: "c", passwordFile: "/k", content: ext4("/") } } }),
    oneDisk({ root }),
    /it would be lost: an encrypted container \(c\)/,
  ],
  [
    "a smaller XFS",
    made({ root: { size: "1G", content: xfs("/") } }),
    oneDisk({ root: { size: "512M", content: xfs("/") } }),
    /xfs cannot be made smaller/,
  ],
  [
    "a larger FAT",
    made({ root: { size: "512M", content: { type: "filesystem", format: "vfat", mountpoint: "/" } } }),
    oneDisk({ root: { size: "1G", content: { type: "filesystem", format: "vfat", mountpoint: "/" } } }),
    /vfat does not grow/,
  ],
  [
    "less than it holds",
    withFacts(made({ root }), { [`${rootPath}.content`]: { smallest: 700 * MiB } }),
    oneDisk({ root: { size: "512M", content: ext4("/") } }),
    /no smaller than 700 MiB/,
  ],
  [
    "less, where resize2fs was ended in the middle of its work",
    withFacts(made({ root }), { [`${rootPath}.content`]: { smallest: undefined } }),
    oneDisk({ root: { size: "512M", content: ext4("/") } }),
    /nothing tells how small it can be made; where a resize was ended.*e2fsck -f \/dev\/sda1/,
  ],
  [
    "less, while it is mounted",
    withFacts(made({ root }), { [`${rootPath}.content`]: { usedAt: ["/"] } }),
    oneDisk({ root: { size: "512M", content: ext4("/") } }),
    /it is mounted on \/: unmount it/,
  ],
  [
    "less for an XFS that has grown since its superblock was written",
    withFacts(made({ root: { size: "1G", content: xfs("/") } }), {
      [`${rootPath}.content`]: { extent: 320 * MiB, usedAt: ["/"] },
    }),
    oneDisk({ root: { size: "512M", content: xfs("/") } }),
    /xfs cannot be made smaller, and neither is what it is on/,
  ],
  [
    "less for what is mounted, though it does not fill its partition",
    withFacts(made({ root }), { [`${rootPath}.content`]: { extent: 512 * MiB, usedAt: ["/"] } }),
    oneDisk({ root: { size: "512M", content: ext4("/") } }),
    /it is mounted on \/: unmount it/,
  ],
  [
    "less, where bytes behind the filesystem would go",
    withFacts(made({ root: { size: "90M", content: ext4("/") } }), { [`${rootPath}.content`]: { extent: 50 * MiB } }),
    oneDisk({ root: { size: "55M", content: ext4("/") } }),
    /behind its filesystem on \/dev\/sda1 \(41943040 bytes from 50 MiB on\)/,
  ],
  [
    "less than a filesystem behind which there are bytes",
    withFacts(made({ root: { size: "90M", content: ext4("/") } }), { [`${rootPath}.content`]: { extent: 50 * MiB } }),
    oneDisk({ root: { size: "40M", content: ext4("/") } }),
    /behind its filesystem/,
  ],
  ...[1024, 512].map(
    (extent) =>
      [
        `less of an ext4 with a journal that was left behind, whose superblock says ${extent} MiB so far`,
        withFacts(made({ root }), { [`${rootPath}.content`]: { extent: extent * MiB, hasJournal: true } }),
        oneDisk({ root: { size: "512M", content: ext4("/") } }),
        /its journal holds what is not in its place yet: mount it once/,
      ] as const,
  ),
  [
    "less of what resize2fs cannot change",
    withFacts(made({ root }), { [`${rootPath}.content`]: { sizeFault: "it has bigalloc" } }),
    oneDisk({ root: { size: "512M", content: ext4("/") } }),
    /it has bigalloc/,
  ],
  [
    "more of what resize2fs cannot change",
    withFacts(made({ root }), { [`${rootPath}.content`]: { sizeFault: "it has bigalloc" } }),
    oneDisk({ root: { size: "2G", content: ext4("/") } }),
    /it has bigalloc/,
  ],
  ...(["512M", "2G"] as const).map(
    (size) =>
      [
        `${size} of what is used through a loop device`,
        withFacts(made({ root }), { [`${rootPath}.content`]: { held: "it is used through /dev/loop3" } }),
        oneDisk({ root: { size, content: ext4("/") } }),
        /it is used through \/dev\/loop3/,
      ] as const,
  ),
  [
    "a further partition on a disk that is used through a loop device",
    withFacts(made({ root }), { "disk.main.content": { held: "it is used through /dev/loop3" } }),
    oneDisk({ root, more: { size: "1G", content: ext4("/more") } }),
    /it is used through \/dev\/loop3/,
  ],
  [
    "another UUID",
    made({ root }),
    oneDisk({ root: { size: "1G", content: ext4("/", { uuid: "01234567-0123-4123-8123-0123456789ab" }) } }),
    /which is not changed/,
  ],
  [
    "another start",
    made({ root }),
    oneDisk({ root: { start: "100M", size: "1G", content: ext4("/") } }),
    /begins at sector 2048, and the tree has it at 204800: nothing is moved/,
  ],
  [
    "no room to grow",
    made({ root, z: { size: "1G", content: ext4("/z") } }),
    oneDisk({ root: { size: "2G", content: ext4("/") }, z: { size: "1G", content: ext4("/z") } }),
    /cannot grow: 1024 MiB are missing/,
  ],
  [
    "no room for one more",
    made({ root: { size: "100%", content: ext4("/") } }),
    oneDisk({ root: { size: "100%", content: ext4("/") }, home: { size: "1G", content: ext4("/home") } }),
    /there is no room for it/,
  ],
  [
    "a hybrid MBR",
    made({ root: { ...root, hybrid: {} } }),
    oneDisk({ root: { size: "2G", content: ext4("/"), hybrid: {} } }),
    /hybrid MBR/,
  ],
  [
    "a physical volume of another group",
    made(
      { pv: { size: "1G", content: { type: "lvm_pv", vg: "other" } }, more: { size: "1G", content: pv } },
      { lvm_vg: { pool: {}, other: {} } },
    ),
    oneDisk({ pv: { size: "1G", content: pv }, more: { size: "1G", content: pv } }, { lvm_vg: { pool: {} } }),
    /belongs to other/,
  ],
  [
    "another kind of volume",
    made(
      { pv: { size: "100%", content: pv } },
      { lvm_vg: { pool: { lvs: { v: { size: "1G", content: ext4("/") } } } } },
    ),
    oneDisk(
      { pv: { size: "100%", content: pv } },
      { lvm_vg: { pool: { lvs: { v: { size: "1G", lvm_type: "raid0", content: ext4("/") } } } } },
    ),
    /it is linear, and does not become raid0/,
  ],
];

for (const [what, found, wanted, reason] of reasons) {
  test(`${what}: refused, and nothing is done`, (t) => {
    const difference = differenceOf(wanted, found);
    const said = refused(difference).map(({ refusal }) => refusal);
    t.true(
      said.some((one) => reason.test(one ?? "")),
      said.join("\n"),
    );
    t.deepEqual(difference.steps, []);
  });
}

test("a partition is cut after its filesystem, by the next run where the last one broke off between both", (t) => {
  const found = withFacts(made({ root }), { [`${rootPath}.content`]: { extent: 512 * MiB } });
  const difference = differenceOf(oneDisk({ root: { size: "512M", content: ext4("/") } }), found);
  t.deepEqual(refused(difference), []);
  t.deepEqual(commandsOf(difference.steps, "shrink_ext", "change_table"), [
    "change_table /dev/sda 1:start=2048+2097152 1:size=1048576",
  ]);
});

test("what is destroyed is named, with what is in it, and made anew", (t) => {
  const wanted = oneDisk({ root: { size: "1G", content: xfs("/") } });
  const difference = differenceOf(wanted, made({ root }), [`${rootPath}.content`]);
  t.deepEqual(refused(difference), []);
  const [, , content] = difference.nodes;
  t.like(content, { change: "destructive", loses: ["a filesystem (ext4) with 1 MiB in it"] });
  t.deepEqual(commandsOf(difference.steps), ["wipe_disk /dev/sda1", "mkfs.xfs /dev/sda1"]);
});

test("what is in use is not destroyed, named or not", (t) => {
  const found = withFacts(made({ root }), { [`${rootPath}.content`]: { usedAt: ["/srv"] } });
  const difference = differenceOf(oneDisk({ root: { size: "1G", content: xfs("/") } }), found, [`${rootPath}.content`]);
  t.regex(refused(difference)[0]?.refusal ?? "", /in use: \/dev\/sda1 as \/srv/);
});

test("a partition that is not in the tree stays, and goes if it is named; then its room is free", (t) => {
  const found = made({ old: { size: "1G", content: ext4("/old") }, root: { size: "100%", content: ext4("/") } });
  const wanted = oneDisk({ root: { size: "100%", content: ext4("/") } });
  t.deepEqual(saidOf(differenceOf(wanted, found)), ["disk.main.old extra none"]);
  const difference = differenceOf(wanted, found, ["disk.main.content.partitions.old"]);
  t.deepEqual(commandsOf(difference.steps, "wipe_disk", "change_table"), [
    "wipe_disk /dev/sda1",
    "change_table /dev/sda 1:start=2048+2097152 2:start=2099200+6287360 1:delete",
  ]);
});

test("a volume that is not in the tree stays, and makes room if it is named", (t) => {
  const group = (lvs: object) => [{ pv: { size: "100%", content: pv } }, { lvm_vg: { pool: { lvs } } }] as const;
  const found = made(
    ...group({ root: { size: "1G", content: ext4("/") }, old: { size: "100%", content: ext4("/old") } }),
  );
  const wanted = oneDisk(...group({ root: { size: "2G", content: ext4("/") } }));
  t.regex(refused(differenceOf(wanted, found))[0]?.refusal ?? "", /are missing in pool/);
  const difference = differenceOf(wanted, found, ["lvm_vg.pool.lvs.old"]);
  t.deepEqual(commandsOf(difference.steps, "lvremove", "lvextend"), [
    "lvremove --yes pool/old",
    "lvextend --yes --size 2147483648b pool/root",
  ]);
});

test("what is to be destroyed and is not there is named, and nothing else goes for it", (t) => {
  const home = "disk.main.content.partitions.home";
  const difference = differenceOf(oneDisk({ root }), made({ root }), [home, rootPath]);
  t.deepEqual(difference.absent, [home, rootPath]);
  t.deepEqual(difference.steps, []);
});

test("a closed container is let go if something else is wanted in its place, and that is named", (t) => {
  const closed = { type: "luks", name: "c", passwordFile: "/k", content: null };
  const found = {
    ...made({ root: { size: "1G", content: closed } }),
    unexpressed: [{ path: `${rootPath}.content`, reason: "it is closed" }],
  };
  t.regex(refused(differenceOf(oneDisk({ root }), found))[0]?.refusal ?? "", /open it, or let go of it with --destroy/);
  const { nodes } = differenceOf(oneDisk({ root }), found, [`${rootPath}.content`]);
  t.like(nodes.at(-1), { change: "destructive", loses: ["an encrypted container (c)"], refusal: undefined });
});

test("a closed container and what nothing is known of are left alone, and refused where something would be done", (t) => {
  const closed = { type: "luks", name: "c", passwordFile: "/k", content: null };
  const tree = oneDisk({ root: { size: "1G", content: { ...closed, content: ext4("/") } } });
  const found = {
    ...made({ root: { size: "1G", content: closed } }),
    unexpressed: [{ path: `${rootPath}.content`, reason: "it is closed" }],
  };
  t.regex(refused(differenceOf(tree, found))[0]?.refusal ?? "", /it is closed; open it/);
  const foreign = {
    ...made({ root: { size: "1G", content: null } }),
    unexpressed: [{ path: `${rootPath}.content`, reason: "it holds ReFS" }],
  };
  t.regex(refused(differenceOf(oneDisk({ root }), foreign))[0]?.refusal ?? "", /it holds ReFS/);
  t.deepEqual(refused(differenceOf(oneDisk({ root: { size: "1G", content: null } }), foreign)), []);
});

test("a volume that is not active is not taken for empty", (t) => {
  const group = { lvm_vg: { pool: { lvs: { root: { size: "1G", content: ext4("/") } } } } };
  const partitions = { pv: { size: "100%", content: pv } };
  const found = withFacts(made(partitions, { lvm_vg: { pool: { lvs: { root: { size: "1G", content: null } } } } }), {
    "lvm_vg.pool.lvs.root": { device: undefined },
  });
  t.regex(refused(differenceOf(oneDisk(partitions, group), found))[0]?.refusal ?? "", /its device is not there/);
});

test("where the kernel has not read a table that was written, the refusal says how it does", (t) => {
  const obstacle = "there is no device for it; the kernel reads the table again by partx --update /dev/sda";
  const bare = made({ root: { size: "1G", content: null } });
  const found = withFacts(bare, { [rootPath]: { device: undefined, obstacle } });
  t.is(refused(differenceOf(oneDisk({ root }), found))[0]?.refusal, `${obstacle}; then run this again`);
});

test("renamed partitions are known by their number where nothing else could be meant, else nothing is guessed", (t) => {
  const esp = { type: "EF00", size: "100M", content: { type: "filesystem", format: "vfat", mountpoint: "/boot" } };
  const renamed = differenceOf(oneDisk({ boot: esp, system: root }), made({ esp, root }));
  t.deepEqual(saidOf(renamed), [
    "disk.main.boot different free name disk-main-esp > disk-main-boot",
    "disk.main.system different free name disk-main-root > disk-main-system",
  ]);
  const two = made({ a: { size: "1G", content: ext4("/x") }, b: { size: "1G", content: ext4("/y") } });
  const doubtful = differenceOf(oneDisk({ c: root, d: { size: "1G", content: ext4("/b") } }), two);
  t.deepEqual(
    refused(doubtful).map(({ state }) => state),
    ["unknown", "unknown"],
  );
  const labelled = withFacts(two, {
    "disk.main.content.partitions.b.content": { usedAt: ["/b"] },
    "disk.main.content.partitions.a.content": { usedAt: ["/"] },
  });
  t.deepEqual(refused(differenceOf(oneDisk({ c: root, d: { size: "1G", content: ext4("/b") } }), labelled)), []);
});

test("a group of another name is known by its members, a volume by what is in it", (t) => {
  const group = (vg: string, lv: string) =>
    [
      { pv: { size: "100%", content: { type: "lvm_pv", vg } } },
      { lvm_vg: { [vg]: { lvs: { [lv]: { size: "1G", content: ext4("/", { label: "top" }) } } } } },
    ] as const;
  const difference = differenceOf(oneDisk(...group("new", "system")), made(...group("old", "root")));
  t.deepEqual(commandsOf(difference.steps), ["vgrename old new", "lvrename new root system"]);
});

test("the disk itself has grown: the same tree takes the rest of it", (t) => {
  const tree = oneDisk({ root: { size: "100%", content: ext4("/") } });
  const found = withFacts(madeFrom(tree), { "disk.main": { size: 4 * GiB + 4096 } });
  t.deepEqual(saidOf(differenceOf(tree, found)), [], "less than what alignment takes is no change");
});
