import { type Bytes, MiB } from "../../src/base/units.ts";
import type { DeviceTree } from "../../src/devices/device-tree.ts";
import { ext4, fewCases, lvm, pv, tree } from "./change-cases.ts";

/** A change that is ended after each of its steps. */
export interface KilledCase {
  readonly name: string;
  readonly old: DeviceTree;
  readonly wanted: DeviceTree;
  readonly destroy: readonly string[];
  /** The size of the extents that the group has before the change. */
  readonly extents: Bytes;
  /** The disks in the end. */
  readonly seen: RegExp;
  /** Fewer steps are not this change. */
  readonly least: number;
}

const plain = fewCases.flatMap(({ name, old, wanted }): KilledCase[] =>
  name === "luks-lvm" ? [{ name, old, wanted, destroy: [], extents: 4 * MiB, seen: /home +200\.00m/, least: 8 }] : [],
);

export const killedCases: readonly KilledCase[] = [
  ...plain,
  {
    // 32 extents of 32 MiB, and their MiB in front.
    name: "large-extents",
    old: tree(
      [{ pv: { size: "1025M", content: pv } }, {}],
      lvm({
        root: { size: "320M", content: ext4("/") },
        old: { size: "320M", content: { type: "filesystem", format: "xfs" } },
      }),
    ),
    wanted: tree(
      [{ pv: { size: "100%", content: pv } }, { pv: { size: "100%", content: pv } }],
      lvm({ root: { size: "100%FREE", content: ext4("/") }, home: { size: "100M", content: ext4("/home") } }),
    ),
    destroy: ["lvm_vg.pool.lvs.old"],
    extents: 32 * MiB,
    seen: /pool 32\.00m +126 +0 +2\n[^]*home 128\.00m/,
    least: 8,
  },
];
