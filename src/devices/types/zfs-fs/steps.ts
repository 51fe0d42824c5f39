import type { ZfsFsNode } from "./schema.ts";
import type { StepContext } from "../../steps/context.ts";
import { createWithHooks, mountWithHooks } from "../../../steps/hooks.ts";
import type { Unit } from "../../tree/units.ts";
import { type NodeSteps, noSteps } from "../../../steps/node-steps.ts";
import { type CommandStep, step } from "../../../steps/step.ts";
import { changeProperties, loadKey, propertyArguments, zfsMounts } from "../zpool/datasets.ts";

/** A dataset of a pool. */
export interface DatasetPlace {
  readonly unit: Unit;
  readonly path: string;
  /** In its pool: `home/user`. */
  readonly key: string;
  /** With its pool: `zroot/home/user`. */
  readonly name: string;
}

/** A filesystem of a pool, made where it is missing and mounted where the tree says. */
export function zfsFsSteps({ path, key, name }: DatasetPlace, node: ZfsFsNode, context: StepContext): NodeSteps {
  const { root } = context.setting;
  const properties = { ...(node.mountpoint === null ? {} : { mountpoint: node.mountpoint }), ...node.options };
  const create = [...changeProperties(path, name, properties), createStep(path, name, properties), loadKey(path, name)];
  const place = { path, device: name, key, root };
  const mounts = zfsMounts({ path, dataset: name, root, properties: node.options, node });
  return {
    ...noSteps,
    create: createWithHooks(node, place, create),
    open: [loadKey(path, name)],
    mounts: mounts.map((mount) => mountWithHooks(node, place, mount)),
  };
}

/** A filesystem that the tree does not name, but that the path of another goes through. */
export function passedFsSteps({ path, name }: Omit<DatasetPlace, "key">): NodeSteps {
  return { ...noSteps, create: [createStep(path, name, {})] };
}

/** Not mounted by its making: what is mounted where, and in which order, is the tree's to say. */
function createStep(path: string, name: string, properties: Readonly<Record<string, string>>): CommandStep {
  return step(
    path,
    `make dataset ${name}`,
    [{ kind: "fails", argv: ["zfs", "list", name] }],
    ["zfs", "create", "-u", ...propertyArguments("-o", properties), name],
  );
}
