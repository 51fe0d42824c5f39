import type { ZfsFsNode } from "../../devices/zfs-fs.ts";
import type { StepContext } from "../context.ts";
import { createWithHooks, mountWithHooks } from "../hooks.ts";
import type { Unit } from "../located.ts";
import { type NodeSteps, noSteps } from "../node-steps.ts";
import { step } from "../step.ts";
import { loadKey, propertyArguments, zfsMounts } from "../zfs.ts";

/** A dataset of a pool. */
export interface DatasetPlace {
  readonly unit: Unit;
  readonly path: string;
  /** With its pool: `zroot/home`. */
  readonly name: string;
}

/** A filesystem of a pool, made where it is missing and mounted where the tree says. */
export function zfsFsSteps({ path, name }: DatasetPlace, node: ZfsFsNode, context: StepContext): NodeSteps {
  const { root } = context.setting;
  const properties = { ...(node.mountpoint === null ? {} : { mountpoint: node.mountpoint }), ...node.options };
  const create = step(
    path,
    `make dataset ${name}`,
    [{ kind: "fails", argv: ["zfs", "list", name] }],
    ["zfs", "create", "-u", "-p", ...propertyArguments("-o", properties), name],
  );
  const place = { path, device: name, root };
  const mounts = zfsMounts({ path, dataset: name, root, properties: node.options, node });
  return {
    ...noSteps,
    create: createWithHooks(node, place, [create]),
    open: [loadKey(path, name)],
    mounts: mounts.map((mount) => mountWithHooks(node, place, mount)),
  };
}
