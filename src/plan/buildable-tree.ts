import type { DeviceTree } from "../devices/device-tree.ts";
import type { Fault } from "../schema/faults.ts";

/** The nodes that an image can be made of: what the host writes itself, or a guest fills in place. */
const buildable: ReadonlySet<string> = new Set(["disk", "gpt", "table", "filesystem", "swap"]);

/**
 * What of a device tree cannot become an image here, a line each: containers and what is made of several devices need a
 * machine with the tree's own tools.
 */
export function unbuildable(tree: DeviceTree): Fault[] {
  const groups = (["mdadm", "zpool", "lvm_vg", "bcachefs_filesystems"] as const).flatMap((kind) =>
    Object.keys(tree[kind]).map((name) => `${kind}.${name}`),
  );
  const nodes = [...nodesIn(tree.disk, "disk")].filter(({ type }) => !buildable.has(type));
  return [...groups, ...nodes.map(({ path, type }) => `${path} (${type})`)];
}

function* nodesIn(value: unknown, path: string): Generator<{ readonly path: string; readonly type: string }> {
  if (typeof value !== "object" || value === null) return;
  // The `type` of a partition is a code of its table; a node always stands under `content`.
  if (/(^|\.)content$/.test(path) && "type" in value) yield { path, type: String(value.type) };
  for (const [key, inner] of Object.entries(value)) yield* nodesIn(inner, `${path}.${key}`);
}
