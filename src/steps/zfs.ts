import { mountSteps } from "./mount.ts";
import type { MountSteps } from "./node-steps.ts";
import { type CommandStep, step } from "./step.ts";

/** Properties as `-o key=value`, in the order of the tree. */
export function propertyArguments(flag: string, properties: Readonly<Record<string, string>>): string[] {
  return Object.entries(properties).flatMap(([key, value]) => [flag, `${key}=${value}`]);
}

/** Loads the key of a dataset that is encrypted, unless it is there. */
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
export interface ZfsMountRequest {
  readonly path: string;
  readonly dataset: string;
  readonly root: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly node: { readonly mountpoint: string | null; readonly mountOptions: readonly string[] };
}

/** The mount of a dataset, by ZFS's own rules or, where its mount point is `legacy`, as any filesystem. */
export function zfsMounts({ path, dataset, root, properties, node }: ZfsMountRequest): MountSteps[] {
  const { mountpoint } = node;
  if (mountpoint === null || properties["mountpoint"] === "none") return [];
  const own = properties["mountpoint"] === "legacy" ? [] : ["zfsutil"];
  const options = [...node.mountOptions, ...own];
  return [mountSteps({ path, device: dataset, type: "zfs", options, mountpoint, root })];
}
