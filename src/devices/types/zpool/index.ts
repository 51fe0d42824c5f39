import { onDevice, sorted } from "../../tree/locate.ts";
import { named } from "../../tree/taken.ts";
import type { UnitType } from "../../unit-type.ts";
import { poolShell } from "./shell.ts";
import { planPool } from "./layout.ts";
import { poolMounts } from "./mounts.ts";
import { poolInNixos } from "./nixos.ts";
import { type ZpoolNode, zpoolSet } from "./schema.ts";
import { zpoolSteps } from "./steps.ts";

/** A ZFS pool. */
export const zpoolType: UnitType<ZpoolNode> = {
  description: "The ZFS pools by name.",
  schema: ({ partition }) => zpoolSet(partition),
  steps: zpoolSteps,
  shell: poolShell,
  contents: ({ datasets }, path) =>
    Object.entries(datasets).flatMap(([key, dataset]) =>
      dataset.type === "zfs_volume" ? [{ path: `${path}.datasets.${key}.content`, node: dataset.content }] : [],
    ),
  inside: ({ datasets }, { path, name: pool }) =>
    sorted(datasets).flatMap(([key, dataset]) => {
      if (dataset.type !== "zfs_volume") return [];
      const { content, name } = dataset;
      return onDevice(content, `${path}.datasets.${key}.content`, `/dev/zvol/${pool}/${name}`, {
        type: "zvol",
        key: name,
      });
    }),
  plan: planPool,
  takes: ({ datasets }, { name, key, path }) => [
    { what: `the name of a pool ${name}`, path },
    ...named(datasets, `${path}.datasets`, `in ${key} the name`),
  ],
  mounts: poolMounts,
  nixos: poolInNixos,
  users: (_, name) => [{ kind: "zfs", name }],
};
