import { isMountable } from "../zfs-fs/schema.ts";
import { mountSteps } from "../../../steps/mount.ts";
import type { MountSteps } from "../../../steps/node-steps.ts";
import { type CommandStep, step } from "../../../steps/step.ts";

type Properties = Readonly<Record<string, string>>;

/** Properties as `-o key=value`, in the order of the tree. */
export function propertyArguments(flag: string, properties: Properties): string[] {
  return Object.entries(properties).flatMap(([key, value]) => [flag, `${key}=${value}`]);
}

/**
 * Gives a dataset that is there the properties that it has in the tree by now, so that a tree can be changed.
 *
 * Properties that ZFS fixes at creation stay. So does the location of its key, which often moves once the dataset is made.
 */
export function changeProperties(path: string, dataset: string, properties: Properties): CommandStep[] {
  const changeable = Object.entries(properties).filter(([key]) => !fixedProperties.has(key));
  if (changeable.length === 0) return [];
  const pairs = changeable.map(([key, value]) => `${key}=${value}`);
  const exists = { kind: "succeeds", argv: ["zfs", "list", dataset] } as const;
  return [
    step(
      path,
      `keep the properties of ${dataset} as the tree has them`,
      [exists],
      ["set_properties", dataset, ...pairs],
    ),
  ];
}

/** Source: zfsprops(7). */
const fixedProperties = new Set([
  "casesensitivity",
  "encryption",
  "keyformat",
  "keylocation",
  "normalization",
  "pbkdf2iters",
  "utf8only",
  "volblocksize",
]);

/** Loads the key of a dataset that is encrypted, unless it is there: an import that mounts nothing loads none. */
export function loadKey(path: string, dataset: string): CommandStep {
  const status = ["zfs", "get", "-H", "-o", "value", "keystatus", dataset];
  return step(
    path,
    `load the key of ${dataset}`,
    [{ kind: "prints", argv: status, text: "unavailable" }],
    ["zfs", "load-key", dataset],
  );
}

/** A dataset that may be mounted. */
interface ZfsMountRequest {
  readonly path: string;
  readonly dataset: string;
  readonly root: string;
  readonly properties: Properties;
  readonly node: { readonly mountpoint: string | null; readonly mountOptions: readonly string[] };
}

/** The mount of a dataset, by ZFS's own rules or, where its mount point is `legacy`, as any filesystem. */
export function zfsMounts({ path, dataset, root, properties, node }: ZfsMountRequest): MountSteps[] {
  const { mountpoint } = node;
  if (mountpoint === null || !isMountable(properties)) return [];
  const options = datasetOptions(node, properties);
  return [mountSteps({ path, device: dataset, type: "zfs", options, mountpoint, root })];
}

/** The options by which a dataset is mounted: by ZFS's own mount point, unless that is `legacy`. */
export function datasetOptions(
  { mountOptions }: Pick<ZfsMountRequest["node"], "mountOptions">,
  properties: Properties,
): string[] {
  return [...mountOptions, ...(properties["mountpoint"] === "legacy" ? [] : ["zfsutil"])];
}
