import { type Bytes, MiB } from "../../src/base/units.ts";
import type { DeviceTree } from "../../src/devices/device-tree.ts";
import { readDeviceTree } from "../../src/devices/tree/read.ts";

/** Disks that are made from one tree, filled, and changed into those of another. */
export interface ChangeCase {
  readonly name: string;
  readonly old: DeviceTree;
  readonly wanted: DeviceTree;
  /** Whether the filesystems are mounted meanwhile. */
  readonly isMounted: boolean;
  /** The paths of nodes that are let go. */
  readonly destroy?: readonly string[];
  /** The size of the extents that the group has before the change. */
  readonly extents?: Bytes;
}

const luks = (content: object) => ({
  type: "luks",
  name: "crypted",
  passwordFile: "/tmp/secret.key",
  extraFormatArgs: ["--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000"],
  content,
});
export const pv = { type: "lvm_pv", vg: "pool" };
export const ext4 = (mountpoint: string, more: object = {}) => ({
  type: "filesystem",
  format: "ext4",
  mountpoint,
  ...more,
});
const xfs = (mountpoint: string, more: object = {}) => ({ type: "filesystem", format: "xfs", mountpoint, ...more });
const esp = { type: "EF00", size: "64M", content: { type: "filesystem", format: "vfat", mountpoint: "/boot" } };

/** A tree whose disks have these partitions, in the order of the guest's disks. */
export function tree(disks: readonly object[], rest: object = {}): DeviceTree {
  const entries = disks.map((partitions, index) => {
    const letter = "abc"[index] ?? "";
    return [letter, { device: `/dev/vd${letter}`, content: { type: "gpt", partitions } }] as const;
  });
  return readDeviceTree({ disk: Object.fromEntries(entries), ...rest });
}

export const lvm = (lvs: object) => ({ lvm_vg: { pool: { lvs } } });

const raid = (size: string) => {
  const member = { member: { size, content: { type: "mdraid", name: "data" } } };
  return tree([member, member], { mdadm: { data: { level: 1, content: ext4("/") } } });
};

/** The cases of CI. */
export const fewCases: readonly ChangeCase[] = [
  {
    name: "ext4",
    old: tree([{ esp, root: { size: "300M", content: ext4("/") } }]),
    wanted: tree([
      { esp, root: { size: "100%", content: ext4("/") }, swap: { size: "128M", content: { type: "swap" } } },
    ]),
    isMounted: true,
  },
  {
    name: "luks-lvm",
    old: tree([{ luks: { size: "400M", content: luks(pv) } }], lvm({ root: { size: "100%FREE", content: ext4("/") } })),
    wanted: tree(
      [{ luks: { size: "100%", content: luks(pv) } }],
      lvm({ root: { size: "100%FREE", content: ext4("/") }, home: { size: "200M", content: ext4("/home") } }),
    ),
    isMounted: true,
  },
];

/** Further cases, where there is time. */
export const moreCases: readonly ChangeCase[] = [
  {
    name: "ext4-unmounted",
    old: tree([{ root: { size: "300M", content: ext4("/") } }]),
    wanted: tree([{ root: { size: "1G", content: ext4("/", { label: "top" }), label: "another name" } }]),
    isMounted: false,
  },
  {
    name: "xfs",
    old: tree([{ root: { size: "400M", content: xfs("/") } }]),
    wanted: tree([{ root: { size: "100%", content: xfs("/") } }]),
    isMounted: true,
  },
  {
    name: "xfs-unmounted",
    old: tree([{ root: { size: "400M", content: xfs("/") } }]),
    wanted: tree([{ root: { size: "100%", content: xfs("/", { label: "top" }) } }]),
    isMounted: false,
  },
  {
    name: "btrfs",
    old: tree([{ root: { size: "400M", content: { type: "btrfs", subvolumes: { root: { mountpoint: "/" } } } } }]),
    wanted: tree([
      {
        root: {
          size: "100%",
          content: {
            type: "btrfs",
            label: "top",
            subvolumes: { root: { mountpoint: "/" }, home: { mountpoint: "/home" } },
          },
        },
      },
    ]),
    isMounted: true,
  },
  { name: "raid1", old: raid("400M"), wanted: raid("100%"), isMounted: true },
  {
    name: "shrink-volume",
    old: tree([{ pv: { size: "100%", content: pv } }], lvm({ root: { size: "1G", content: ext4("/") } })),
    wanted: tree([{ pv: { size: "100%", content: pv } }], lvm({ root: { size: "512M", content: ext4("/") } })),
    isMounted: false,
  },
  {
    name: "rename",
    old: tree(
      [{ esp, pv: { size: "100%", content: pv } }],
      lvm({ root: { size: "512M", content: ext4("/", { label: "the root" }) } }),
    ),
    wanted: tree(
      [{ boot: { ...esp, content: { ...esp.content, label: "BOOT" } }, pv: { size: "100%", content: pv } }],
      lvm({ system: { size: "512M", content: ext4("/", { label: "the root" }) } }),
    ),
    isMounted: false,
  },
  {
    name: "thin",
    old: tree(
      [{ pv: { size: "100%", content: pv } }],
      lvm({
        thinpool: { size: "512M", lvm_type: "thin-pool" },
        root: { size: "300M", lvm_type: "thinlv", pool: "thinpool", content: ext4("/") },
      }),
    ),
    wanted: tree(
      [{ pv: { size: "100%", content: pv } }],
      lvm({
        thinpool: { size: "800M", lvm_type: "thin-pool" },
        root: { size: "400M", lvm_type: "thinlv", pool: "thinpool", content: ext4("/") },
        home: { size: "300M", lvm_type: "thinlv", pool: "thinpool", content: ext4("/home") },
      }),
    ),
    isMounted: true,
  },
  {
    name: "destroy-volumes",
    old: tree(
      [{ pv: { size: "100%", content: pv } }],
      lvm({
        root: { size: "512M", content: ext4("/") },
        old: { size: "300M", content: { type: "filesystem", format: "xfs", label: "old" } },
        thinpool: { size: "400M", lvm_type: "thin-pool" },
        scratch: {
          size: "200M",
          lvm_type: "thinlv",
          pool: "thinpool",
          content: luks({ type: "filesystem", format: "ext4" }),
        },
      }),
    ),
    wanted: tree([{ pv: { size: "100%", content: pv } }], lvm({ root: { size: "1600M", content: ext4("/") } })),
    isMounted: true,
    destroy: ["lvm_vg.pool.lvs.old", "lvm_vg.pool.lvs.thinpool", "lvm_vg.pool.lvs.scratch"],
  },
  {
    // 32 extents of 32 MiB, and their MiB in front.
    name: "large-extents",
    old: tree([{ pv: { size: "1025M", content: pv } }], lvm({ root: { size: "320M", content: ext4("/") } })),
    wanted: tree(
      [{ pv: { size: "100%", content: pv } }],
      lvm({ root: { size: "500M", content: ext4("/") }, home: { size: "100M", content: ext4("/home") } }),
    ),
    isMounted: true,
    extents: 32 * MiB,
  },
  {
    name: "further-disk-of-group",
    old: tree([{ pv: { size: "100%", content: pv } }, {}], lvm({ root: { size: "100%FREE", content: ext4("/") } })),
    wanted: tree(
      [{ pv: { size: "100%", content: pv } }, { pv: { size: "100%", content: pv } }],
      lvm({ root: { size: "100%FREE", content: ext4("/") } }),
    ),
    isMounted: true,
  },
  {
    name: "further-disk-of-btrfs",
    old: tree([{ root: { size: "100%", content: { type: "btrfs", mountpoint: "/" } } }, {}]),
    wanted: tree([
      { root: { size: "100%", content: { type: "btrfs", mountpoint: "/", extraArgs: ["/dev/vdb1"] } } },
      { more: { size: "100%", content: null } },
    ]),
    isMounted: true,
  },
  {
    name: "swap",
    old: tree([
      { root: { size: "300M", content: ext4("/") }, swap: { size: "100%", max: "100M", content: { type: "swap" } } },
    ]),
    wanted: tree([
      { root: { size: "300M", content: ext4("/") }, swap: { size: "100%", max: "300M", content: { type: "swap" } } },
    ]),
    isMounted: false,
  },
  {
    name: "mount-options",
    old: tree([{ root: { size: "300M", content: ext4("/") } }]),
    wanted: tree([{ root: { size: "300M", content: ext4("/", { mountOptions: ["noatime"] }) } }]),
    isMounted: true,
  },
];
