import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import * as fc from "fast-check";
import type { BlockFacts } from "../../../src/devices/found/facts.ts";
import { parseLvmText } from "../../../src/devices/types/lvm-vg/metadata-text.ts";
import { block, gptDisk, guidOf, read } from "./facts.ts";

/** The output of a real program. */
function recorded(name: string): string {
  return readFileSync(join(import.meta.dirname, "recorded", name), "utf8");
}

const answer = (name: string) => ({ text: recorded(name) });
const reasons = ({ found }: ReturnType<typeof read>) =>
  found.unexpressed.map(({ path, reason }) => `${path}: ${reason}`);

const firstVolume = "V9K2VJ-JGWF-oCwa-ZJ6D-CKO2-fMYi-g7XwbI";
const secondVolume = "MO4bB0-AIWU-TfjN-eG0o-2O7s-L6Dp-D0t3R6";
const physical = (name: string, uuid: string, given: Partial<BlockFacts> = {}) =>
  block(name, { mark: { type: "LVM2_member", uuid }, answers: { metadata: answer("pvck") }, ...given });
const mapped = (name: string, volume: string, given: Parameters<typeof block>[1] = {}) =>
  block(name, { mapped: { name: volume, uuid: "LVM-x" }, ...given });

test("a volume group with its volumes, whose contents are where they are active", (t) => {
  const result = read([
    physical("sda", firstVolume, { above: ["dm-0", "dm-1"] }),
    physical("sdb", secondVolume, { above: ["dm-1"] }),
    mapped("dm-0", "pool-root", { mark: { type: "ext4" }, path: "/dev/mapper/pool-root" }),
    mapped("dm-1", "pool-home", { mark: { type: "swap" } }),
  ]);
  t.deepEqual(result.text, {
    disk: {
      sda: { device: "/dev/sda", content: { type: "lvm_pv", vg: "pool" } },
      sdb: { device: "/dev/sdb", content: { type: "lvm_pv", vg: "pool" } },
    },
    lvm_vg: {
      pool: {
        lvs: {
          root: { size: "40M", content: { type: "filesystem", format: "ext4" } },
          home: { size: "80M", extraArgs: ["-i", "2", "-I", "64k"], content: { type: "swap" } },
        },
      },
    },
  });
  t.deepEqual(reasons(result), []);
  t.like(result.found.nodes.get("lvm_vg.pool"), { size: 2 * 74 * 4 * 2 ** 20, device: undefined });
  t.like(result.found.nodes.get("lvm_vg.pool.lvs.root"), { device: "/dev/mapper/pool-root", size: 40 * 2 ** 20 });
});

test("a volume group that is closed, and lacks a member: both are named", (t) => {
  const result = read([physical("sda", firstVolume)]);
  t.deepEqual(reasons(result), [
    `lvm_vg.pool: its member ${secondVolume} is on none of these disks; it was /dev/loop5`,
    "lvm_vg.pool.lvs.root: it is not active, so that what is on it is not known",
    "lvm_vg.pool.lvs.home: it is not active, so that what is on it is not known",
  ]);
  t.is(result.found.nodes.get("lvm_vg.pool")?.missing, 1);
  t.is(result.found.tree.lvm_vg["pool"]?.lvs["home"]?.content, null);
});

test("two groups of one name, a volume without a group, other extents: each is named", (t) => {
  const other = (text: string) => ({ answers: { metadata: { text } } });
  const foreign = recorded("pvck").replace("M4BW2c", "ZZZZZZ");
  const large = recorded("pvck").replace("extent_size = 8192", "extent_size = 65536");
  t.regex(
    reasons(read([physical("sda", firstVolume), physical("sdb", secondVolume, other(foreign))])).join("\n"),
    /disk.sdb.content: it belongs to another lvm_vg that is called pool too/,
  );
  t.deepEqual(reasons(read([physical("sda", "x", other("---\n"))])), [
    "disk.sda.content: it is a physical volume of LVM without a group, or one that cannot be read",
  ]);
  const result = read([physical("sda", firstVolume, other(large))]);
  t.regex(reasons(result).join("\n"), /its extents have 33554432 bytes/);
  t.is(result.found.nodes.get("lvm_vg.pool")?.extentSize, 32 * 2 ** 20);
  t.deepEqual(result.found.nodes.get("disk.sda.content")?.extents, { start: 2 ** 20, size: 32 * 2 ** 20, count: 74 });
});

const volume = (segments: string) =>
  recorded("pvck")
    .replace(/segment1 \{[^}]*\}/, segments)
    .replaceAll(/\nhome \{[^}]*\}\n\}/g, "");

for (const [what, segment, node] of [
  ["RAID 1 of three", `type = "raid1"\ndevice_count = 3`, { lvm_type: "raid1", extraArgs: ["-m", "2"] }],
  ["RAID 5", `type = "raid5_ls"\ndevice_count = 3`, { lvm_type: "raid5", extraArgs: [] }],
  ["RAID 6 of six", `type = "raid6_zr"\ndevice_count = 6`, { lvm_type: "raid6", extraArgs: ["-i", "4"] }],
  ["a thin volume", `type = "thin"\nthin_pool = "tp"`, { lvm_type: "thinlv", pool: "tp" }],
  ["a thin pool", `type = "thin-pool"\nmetadata = "m"`, { lvm_type: "thin-pool" }],
] as const) {
  test(`a volume that is ${what}`, (t) => {
    const text = volume(`segment1 {\nstart_extent = 0\nextent_count = 10\n${segment}\n}`);
    const { found } = read([physical("sda", firstVolume, { answers: { metadata: { text } } })]);
    t.like(found.tree.lvm_vg["pool"]?.lvs["root"], { size: "40M", ...node });
  });
}

test("a volume of a type that no tree makes is named, and is not in the tree", (t) => {
  for (const type of ["cache", "raid10", "snapshot", "__proto__"]) {
    const text = volume(`segment1 {\nstart_extent = 0\nextent_count = 10\ntype = "${type}"\n}`);
    const result = read([physical("sda", firstVolume, { answers: { metadata: { text } } })]);
    t.true(reasons(result).includes(`lvm_vg.pool: volume root is of type ${type}, which a tree has no word for`));
    t.is(result.found.tree.lvm_vg["pool"]?.lvs["root"], undefined);
  }
});

test("property: LVM's text in any damage ends", (t) => {
  const text = recorded("pvck");
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(200), fc.string({ maxLength: 20 }), (at, length, other) => {
      const damaged = text.slice(0, at) + other + text.slice(at + length);
      t.notThrows(() => parseLvmText(damaged));
      t.notThrows(() => read([physical("sda", firstVolume, { answers: { metadata: { text: damaged } } })]));
    }),
    { numRuns: 200 },
  );
  t.is(parseLvmText(`a {\n${"b {\n".repeat(1000)}`), undefined);
});

const luks = (version: string, given: Partial<BlockFacts> = {}) =>
  block("sda", {
    mark: { type: "crypto_LUKS", version, uuid: guidOf(1) },
    answers: { header: answer(`luks${version}`) },
    ...given,
  });

test("an open container has its name, its options and what is in it", (t) => {
  const inner = block("dm-0", {
    mark: { type: "xfs" },
    mapped: { name: "crypted", uuid: "CRYPT-LUKS2-x-crypted" },
    below: ["sda"],
  });
  const result = read([luks("2", { above: ["dm-0"] }), inner]);
  t.deepEqual(result.text["disk"], {
    sda: {
      device: "/dev/sda",
      content: {
        type: "luks",
        name: "crypted",
        uuid: guidOf(1),
        extraFormatArgs: ["--pbkdf=pbkdf2", "--sector-size=4096"],
        content: { type: "filesystem", format: "xfs" },
      },
    },
  });
  t.deepEqual(reasons(result), [
    "disk.sda.content: it has 2 keys; where the further ones are is not known (additionalKeyFiles)",
  ]);
});

test("a closed container of LUKS1 is said to be closed; its header says how it was made", (t) => {
  const result = read([luks("1")]);
  t.like(result.found.tree.disk["sda"]?.content, {
    name: `luks-${guidOf(1)}`,
    extraFormatArgs: ["--type=luks1"],
    content: null,
  });
  t.deepEqual(reasons(result), [
    `disk.sda.content: it is not open: its name, luks-${guidOf(1)} here, and what is in it are not known`,
  ]);
});

test("what is in a header that no tree says is named: tokens, integrity, a cipher of its own", (t) => {
  const json = JSON.parse(recorded("luks2")) as { tokens: object; segments: { 0: Record<string, unknown> } };
  json.tokens = { 0: { type: "systemd-tpm2" }, 1: { type: "systemd-fido2" } };
  Object.assign(json.segments[0], { encryption: "aes-cbc-essiv:sha256", integrity: { type: "hmac(sha256)" } });
  const result = read([luks("2", { answers: { header: { text: JSON.stringify(json) } } })]);
  t.true(reasons(result).includes("disk.sda.content: it has tokens of type systemd-tpm2"));
  t.like(result.found.tree.disk["sda"]?.content, {
    enrollFido2: true,
    extraFormatArgs: [
      "--cipher=aes-cbc-essiv:sha256",
      "--pbkdf=pbkdf2",
      "--sector-size=4096",
      "--integrity=hmac(sha256)",
    ],
  });
  for (const text of ["{}", "no JSON", ""]) {
    const damaged = read([luks("2", { answers: { header: { text } } })]);
    t.true(reasons(damaged).includes("disk.sda.content: cryptsetup describes its header in a way that is not known"));
  }
});

const btrfs = (name: string, given: Partial<BlockFacts> = {}) =>
  block(name, {
    mark: { type: "btrfs", uuid: guidOf(2) },
    answers: { super: answer("btrfs-super"), roots: answer("btrfs-roots") },
    ...given,
  });

test("a btrfs that is not mounted: its subvolumes are in its tree of roots", (t) => {
  const result = read([btrfs("sda")]);
  t.deepEqual(result.text["disk"], {
    sda: {
      device: "/dev/sda",
      content: { type: "btrfs", uuid: guidOf(2), subvolumes: { "/home": {}, "/home/user": {} } },
    },
  });
  t.deepEqual(reasons(result), [
    "disk.sda.content: it has 1 snapshots, which are no part of a tree",
    "disk.sda.content: it has 1 subvolumes in folders, whose paths are known where it is mounted",
  ]);
  t.like(result.found.nodes.get("disk.sda.content"), { extent: 209_715_200, used: 212_992 });
});

test("a btrfs that is mounted: each subvolume where it is, with its swap file", (t) => {
  const list = {
    text: "ID 256 gen 7 top level 5 parent_uuid -                                    path home\nID 9 gen 7 top level 5 parent_uuid -   path a b\n",
  };
  const mount = (mountPoint: string, root: string) =>
    ({ kind: "mount", mountPoint, root, options: ["rw", "noatime", "compress=zstd:3"], used: 1 }) as const;
  const swapFile = { kind: "swap file", root: "/home", path: "swapfile", size: 2 ** 24, priority: 3 } as const;
  const uses = [mount("/", "/"), mount("/home", "/home"), swapFile];
  const { found } = read([btrfs("sda", { answers: { super: answer("btrfs-super"), list }, uses })]);
  const content = found.tree.disk["sda"]?.content;
  t.like(content, { mountpoint: "/", mountOptions: ["noatime", "compress=zstd:3"] });
  if (content?.type !== "btrfs") return t.fail();
  t.like(content.subvolumes["/home"], {
    mountpoint: "/home",
    swap: { swapfile: { size: "16M", priority: 3, path: "swapfile" } },
  });
  t.like(content.subvolumes["a_b"], { name: "/a b", mountpoint: null });
  t.deepEqual(found.nodes.get("disk.sda.content.subvolumes./home")?.usedAt, ["/home"]);
});

test("a btrfs of several devices has its node on the last of them, when a tree has made the others, and names those; one that lacks a device says so", (t) => {
  const superblock = (devid: number) => ({
    text: recorded("btrfs-super")
      .replace(/^(num_devices\s+)1/m, "$13")
      .replace(/^(dev_item.devid\s+)1/m, `$1${devid}`),
  });
  const chunks = {
    text: "\t\tlength 1 owner 2 stripe_len 65536 type DATA|RAID1\n\t\tlength 1 owner 2 stripe_len 65536 type METADATA|RAID1C3\n",
  };
  const device = (name: string, devid: number) =>
    btrfs(name, { answers: { super: superblock(devid), roots: { text: "" }, chunks } });
  const result = read([device("sda", 2), device("sdb", 1)]);
  t.is(result.found.tree.disk["sda"]?.content, null);
  t.like(result.found.tree.disk["sdb"]?.content, { type: "btrfs", extraArgs: ["-d raid1", "-m raid1c3", "/dev/sda"] });
  t.like(result.found.nodes.get("disk.sda.content")?.holds, { format: "btrfs" }, "the other is not empty");
  t.is(result.found.nodes.get("disk.sdb.content")?.missing, 1);
  t.deepEqual(reasons(result), ["disk.sdb.content: 1 of its 3 devices are none of these"]);
});

const member = (
  name: string,
  change: (text: string) => string = (text) => text,
  above: readonly string[] = ["md127"],
) =>
  block(name, {
    mark: { type: "linux_raid_member" },
    answers: { superblock: { text: change(recorded("mdadm")) } },
    above,
  });

test("an array with a table on it, by the superblocks of its members", (t) => {
  const array = block("md127", { mark: { type: "ext4" }, below: ["sda", "sdb", "sdc"], size: 2 ** 32 });
  const result = read([member("sda"), member("sdb"), member("sdc"), array]);
  t.deepEqual(result.text["mdadm"], {
    data: {
      level: 5,
      uuid: "f843f58c:4c86838b:802bfdd5:a8e5c2ab",
      extraArgs: ["--chunk=64"],
      content: { type: "filesystem", format: "ext4" },
    },
  });
  t.deepEqual(reasons(result), []);
  t.like(result.found.nodes.get("mdadm.data"), { device: "/dev/md127", size: 2 ** 32 });
});

for (const [what, change, expected] of [
  [
    "a machine's name before its own",
    (text: string) => text.replace("any:data", "host:data  (local to host host)"),
    { level: 5, name: "data" },
  ],
  ["metadata at the end", (text: string) => text.replace("Version : 1.2", "Version : 1.0"), { metadata: "1.0" }],
  [
    "RAID 1, which has no chunks",
    (text: string) => text.replace("raid5", "raid1").replace(/^ +Chunk.*\n/m, ""),
    { level: 1, extraArgs: [] },
  ],
] as const) {
  test(`an array: ${what}`, (t) => {
    t.like(read([member("sda", change, [])]).found.tree.mdadm["data"], expected);
  });
}

test("an array that is stopped, lacks members, has a spare, an old superblock or an odd level: each is named", (t) => {
  const spare = (text: string) => text.replace("Active device 0", "spare");
  const stopped = read([member("sda", undefined, []), member("sdb", spare, [])]);
  t.deepEqual(reasons(stopped), [
    "disk.sdb.content: it is a spare; a tree makes every member an active one",
    "mdadm.data: 2 of its 3 members are on none of these disks",
    "mdadm.data: it is not running, so that what is on it is not known",
  ]);
  t.is(stopped.found.nodes.get("mdadm.data")?.missing, 2);
  const old = (text: string) => text.replace("Version : 1.2", "Version : 0.90.00").replace(/^ +Name.*\n/m, "");
  const named = reasons(read([member("sda", old, [])]));
  t.true(named.includes("mdadm.md-f843f58c: it has metadata 0.90.00, which a tree does not make"), named.join("\n"));
  const linear = read([member("sda", (text) => text.replace("raid5", "linear"), [])]);
  t.true(reasons(linear).includes("mdadm.data: it is of level linear, which a tree does not make"));
});

test("a btrfs of which a device is never reached is named, and has no node", (t) => {
  const disk = gptDisk("sdb", [{ first: 2048, last: 4095, name: "a" }], {
    partitions: [{ number: 1, name: "sdb1", offset: 0, size: 512 }],
  });
  const result = read([btrfs("sda"), disk, btrfs("sdb1")]);
  t.is(result.found.tree.disk["sda"]?.content, null);
  t.true(
    reasons(result).includes("disk.sda.content: it lies on sda sdb1 together, not all of which can be read"),
    reasons(result).join("\n"),
  );
});
