import test from "ava";
import { block, gptDisk, guidOf, read } from "./facts.ts";

const mount = (mountPoint: string, options: readonly string[] = ["rw", "relatime"]) =>
  ({ kind: "mount", mountPoint, root: "/", options, used: 12_345 }) as const;

test("a filesystem is mounted where it is, with the options that somebody chose", (t) => {
  const disk = block("sda", {
    mark: { type: "ext4", uuid: guidOf(1) },
    uses: [mount("/srv", ["rw", "noatime", "errors=continue"])],
  });
  const { text, found } = read([disk]);
  t.deepEqual(text["disk"], {
    sda: {
      device: "/dev/sda",
      content: { type: "filesystem", format: "ext4", uuid: guidOf(1), mountpoint: "/srv", mountOptions: ["noatime"] },
    },
  });
  t.like(found.nodes.get("disk.sda.content"), {
    device: "/dev/sda",
    size: 2 ** 31,
    usedAt: ["/srv"],
    used: 12_345,
    uuid: guidOf(1),
  });
});

test("the fstab's options are those that count, also for what is not mounted; a system below /mnt has its root there", (t) => {
  const marks = { one: { type: "xfs", uuid: guidOf(1) }, two: { type: "ext4", label: "data" } };
  const fstab = [
    { device: `UUID=${guidOf(1)}`, mountPoint: "/", type: "xfs", options: ["noatime", "x-initrd.mount"] },
    { device: "/dev/disk/by-label/data", mountPoint: "/data", type: "ext4", options: ["noauto"] },
  ];
  const disks = [block("sda", { mark: marks.one, uses: [mount("/mnt")] }), block("sdb", { mark: marks.two })];
  const { found } = read(disks, { fstab, systemRoot: "/mnt" });
  t.like(found.tree.disk["sda"]?.content, { mountpoint: "/", mountOptions: ["noatime", "x-initrd.mount"] });
  t.like(found.tree.disk["sdb"]?.content, { mountpoint: "/data", mountOptions: ["noauto"], label: "data" });
});

test("ext4 and xfs are measured by their own programs", (t) => {
  const superblock = "Block count:              1000\nFree blocks:              400\nBlock size:               4096\n";
  const answers = {
    superblock: { text: superblock },
    smallest: { text: "Estimated minimum size of the filesystem: 650\n" },
  };
  const xfs = { superblock: { text: "blocksize = 4096\ndblocks = 2000\nfdblocks = 500\n" } };
  const { found } = read([
    block("sda", { mark: { type: "ext4" }, answers }),
    block("sdb", { mark: { type: "xfs" }, answers: xfs }),
    block("sdc", { mark: { type: "xfs" }, answers: { superblock: { fault: "xfs_db is not installed" } } }),
  ]);
  t.like(found.nodes.get("disk.sda.content"), { extent: 4_096_000, used: 600 * 4096, smallest: 650 * 4096 });
  t.like(found.nodes.get("disk.sdb.content"), { extent: 8_192_000, used: 1500 * 4096, smallest: 8_192_000 });
  t.is(found.nodes.get("disk.sdc.content")?.extent, undefined);
});

test("an ext4 that lost its power says so by a feature", (t) => {
  for (const [features, hasJournal] of [
    ["has_journal extent needs_recovery 64bit", true],
    ["has_journal extent 64bit", undefined],
  ] as const) {
    const text = `Filesystem features:      ${features}\nBlock count:              1000\nFree blocks:              400\nBlock size:               4096\n`;
    const { found } = read([block("sda", { mark: { type: "ext4" }, answers: { superblock: { text } } })]);
    t.is(found.nodes.get("disk.sda.content")?.hasJournal, hasJournal);
  }
});

for (const [features, fault] of [
  ["has_journal extent 64bit bigalloc metadata_csum", /bigalloc/],
  ["bigalloc", /bigalloc/],
  ["has_journal extent 64bit metadata_csum", undefined],
] as const) {
  test(`an ext4 with the features ${features} ${fault === undefined ? "may get" : "keeps its size, and gets no"} another size`, (t) => {
    const superblock = `Filesystem features:      ${features}\nBlock count:              1000\nFree blocks:              400\nBlock size:               4096\n`;
    const { found } = read([block("sda", { mark: { type: "ext4" }, answers: { superblock: { text: superblock } } })]);
    const said = found.nodes.get("disk.sda.content")?.sizeFault;
    if (fault === undefined) t.is(said, undefined);
    else t.regex(said ?? "", fault);
  });
}

test("a loop device over a partition holds it, marked or not", (t) => {
  const { found } = read([
    block("sda", { mark: { type: "ext4" }, loops: ["loop3"] }),
    block("sdb", { loops: ["loop3", "loop4"] }),
    block("sdc", { mark: { type: "ext4" }, loops: [] }),
  ]);
  t.regex(found.nodes.get("disk.sda.content")?.held ?? "", /used through \/dev\/loop3:/);
  t.is(found.nodes.get("disk.sda.content")?.obstacle, found.nodes.get("disk.sda.content")?.held);
  t.like(found.nodes.get("disk.sdb.content"), { obstacle: "it is used by loop3, loop4" });
  t.is(found.nodes.get("disk.sdc.content")?.obstacle, undefined);
});

test("swap has the priority and the discards that it was given", (t) => {
  const fstab = [
    {
      device: `UUID=${guidOf(3)}`,
      mountPoint: "none",
      type: "swap",
      options: ["sw", "pri=5", "discard=once", "nofail"],
    },
  ];
  const mark = { type: "swap", uuid: guidOf(3), label: "s" };
  const { found, text } = read([block("sda", { mark, uses: [{ kind: "swap", priority: -2 }] })], { fstab });
  t.deepEqual(text["disk"], {
    sda: {
      device: "/dev/sda",
      content: {
        type: "swap",
        label: "s",
        uuid: guidOf(3),
        priority: 5,
        discardPolicy: "once",
        mountOptions: ["nofail"],
      },
    },
  });
  t.deepEqual(found.nodes.get("disk.sda.content")?.usedAt, ["swap"]);
  const plain = read([block("sda", { mark, uses: [{ kind: "swap", priority: -2 }] })]);
  t.like(plain.found.tree.disk["sda"]?.content, { priority: null, discardPolicy: null });
});

test("a disk is called by what it is, best by no number of a bus", (t) => {
  const byIdPaths = ["/dev/disk/by-id/nvme-eui.0025", "/dev/disk/by-id/nvme-Disk_S1", "/dev/disk/by-id/wwn-0x5"];
  const device = (paths: readonly string[]) =>
    read([block("sda", { byIdPaths: paths })]).found.tree.disk["sda"]?.device;
  t.is(device(byIdPaths), "/dev/disk/by-id/nvme-Disk_S1");
  t.is(device(byIdPaths.slice(2)), "/dev/disk/by-id/wwn-0x5");
  t.is(device([]), "/dev/sda");
});

for (const [what, disk, reason] of [
  ["an unknown filesystem", { mark: { type: "iso9660" } }, "it holds iso9660, which is not read as a node of a tree"],
  [
    "two filesystems",
    { mark: { rivals: ["ext4", "xfs"] } },
    "it has the marks of ext4 and of xfs; which of them counts is not known",
  ],
  [
    "what cannot be read",
    { faults: ["it cannot be read: EIO: i/o error, read"] },
    "it cannot be read: EIO: i/o error, read",
  ],
  ["use without a mark", { above: ["dm-0"] }, "it is used by dm-0, and has no mark of what that is"],
  ["a damaged table", { faults: ["the primary table: header: checksum"] }, "the primary table: header: checksum"],
] as const) {
  test(`named, not guessed: ${what}`, (t) => {
    const { found, text } = read([block("sda", disk)]);
    t.deepEqual(found.unexpressed, [{ path: "disk.sda.content", reason }]);
    t.deepEqual(text, { disk: { sda: { device: "/dev/sda" } } });
  });
}

test("a filesystem and a table on one device: neither is taken", (t) => {
  const { found } = read(
    [gptDisk("sda", [{ name: "a" }]), block("sda1", {})].map((one) =>
      one.name === "sda" ? { ...one, mark: { ...one.mark, type: "ext4" } } : one,
    ),
  );
  t.is(found.tree.disk["sda"]?.content, null);
  t.regex(found.unexpressed[0]?.reason ?? "", /marks of ext4 and of a partition table \(gpt\)/);
});

test("a table in a partition is named", (t) => {
  const inner = block("sda1", { table: { kind: "msdos", signature: 1, partitions: [] } });
  const { found } = read([gptDisk("sda", [{ name: "a" }]), inner]);
  t.regex(found.unexpressed[0]?.reason ?? "", /a tree has none in a partition/);
});
