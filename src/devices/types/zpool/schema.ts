import * as z from "zod";
import type { PartitionContent } from "../../content.ts";
import { hooks } from "../../schema/hooks.ts";
import { type Named, namedSet } from "../../schema/keyed-set.ts";
import { mountOptions, mountpoint, optional, required, withDefault } from "../../schema/option.ts";
import { type ZfsFsNode, zfsFs } from "../zfs-fs/schema.ts";
import { type ZfsVolumeNode, zfsVolumeNode } from "../zfs-volume/schema.ts";

const modeName = z.enum(["", "mirror", "raidz", "raidz1", "raidz2", "raidz3"]);
const members = required(
  z.array(z.string()),
  "The members: paths of devices, or `DISK` for the partition `zfs` of that disk.",
);

const vdev = z
  .strictObject({ mode: withDefault(modeName, "", "How the members protect each other; empty: not at all."), members })
  .meta({ title: "vdev", description: "A group of members of a ZFS pool." });

const devices = (use: string) => withDefault(z.array(z.string()), [], `Members that serve as ${use}.`);
const groups = (use: string) => withDefault(z.array(vdev), [], `Groups of members that ${use}.`);

const topology = z
  .strictObject({
    type: withDefault(z.literal("topology"), "topology", "The type of the node."),
    vdev: groups("hold the data"),
    spare: devices("spares"),
    log: groups("hold the intent log"),
    dedup: groups("hold the deduplication tables"),
    special: optional(z.union([vdev, z.array(vdev)]), "The group, or groups, that hold metadata and small blocks."),
    cache: devices("a read cache"),
  })
  .meta({ title: "zpool topology", description: "What each member of a ZFS pool is for." });

const poolOptions = z.strictObject({
  type: withDefault(z.literal("zpool"), "zpool", "The type of the node."),
  name: optional(z.string(), "The name of the pool. `null`: its key."),
  mode: withDefault(
    z.union([modeName, z.strictObject({ topology })]),
    "",
    "How all members protect each other: empty for not at all, `mirror`, `raidz1` to `raidz3`; or a topology.",
  ),
  options: withDefault(z.record(z.string(), z.string()), {}, "Properties of the pool."),
  rootFsOptions: withDefault(z.record(z.string(), z.string()), {}, "Properties of the pool's root dataset."),
  mountpoint,
  mountOptions,
  ...hooks,
});

/** A ZFS pool. */
export interface ZpoolNode extends Named<z.output<typeof poolOptions>> {
  datasets: Record<string, ZfsFsNode | ZfsVolumeNode>;
}

/** The schema of ZFS pools whose volumes hold `content`. */
export function zpoolSet(content: z.ZodType<PartitionContent, unknown>) {
  const dataset = z.discriminatedUnion("type", [zfsFs, zfsVolumeNode(content)]);
  const pool = poolOptions
    .extend({ datasets: withDefault(namedSet(dataset), {}, "The filesystems and volumes by name.") })
    .meta({ title: "zpool", description: "A ZFS pool." });
  return namedSet(pool);
}
