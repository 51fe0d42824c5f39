import { presetTree } from "../../../src/devices/presets/presets.ts";
import { identityFrom } from "../../../src/base/identity.ts";
import type { DiskLayout } from "../../../src/layout/layout.ts";
import { solveLayout } from "../../../src/devices/layout/solve.ts";
import { type Bytes, MiB } from "../../../src/base/units.ts";
import type { Partition } from "../../../src/devices/presets/choices.ts";

export const rootGpuid = "F222513B-DED1-49FA-B591-20CE86A2FE7F";

/** A preset with make-disk-image's defaults, whose root filesystem needs `rootNeed` bytes. */
export function solvePreset(partition: Partition, size: Bytes | "auto", rootNeed: Bytes = 1000 * MiB): DiskLayout {
  const tree = presetTree({
    partition,
    bootSize: 256 * MiB,
    label: "nixos",
    filesystem: "ext4",
    rootGpuid,
    rootFsuid: rootGpuid,
  });
  const layout = solveLayout(tree, {
    identity: identityFrom("a seed"),
    needs: ({ fixedSize }) => (fixedSize === null ? rootNeed : 0),
    sizes: { main: size },
  });
  return layout.disks[0] as DiskLayout;
}
