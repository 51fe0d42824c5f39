import type { ZfsVolumeNode } from "./schema.ts";
import type { StepContext } from "../../steps/context.ts";
import { withHooks } from "../../../steps/hooks.ts";
import { inOrder, type NodeSteps, noSteps } from "../../../steps/node-steps.ts";
import { waitForUdev } from "../../../steps/settle.ts";
import { step } from "../../../steps/step.ts";
import { splitWords } from "../../../base/split-words.ts";
import { changeProperties, loadKey, propertyArguments } from "../zpool/datasets.ts";
import type { DatasetPlace } from "../zfs-fs/steps.ts";

/** A block device of a pool, with what lies on it. */
export function zfsVolumeSteps(place: DatasetPlace, node: ZfsVolumeNode, context: StepContext): NodeSteps {
  const { unit, path, key, name } = place;
  const size = node.size.replace(/([KMGTP])i?B$/i, "$1");
  const properties = propertyArguments("-o", node.options);
  const argv = ["zfs", "create", ...properties, ...splitWords(node.extraArgs), "-V", size, name];
  const create = step(path, `make volume ${name}`, [{ kind: "fails", argv: ["zfs", "list", name] }], argv, waitForUdev);
  const own: NodeSteps = {
    ...noSteps,
    create: [...changeProperties(path, name, node.options), create, loadKey(path, name)],
    open: [loadKey(path, name), step(path, `wait for ${name}`, [], waitForUdev)],
  };
  const contents = unit.contents.filter((content) => content.path === `${path}.content`).map(context.stepsOf);
  return withHooks(
    node,
    { path, device: `/dev/zvol/${name}`, key, root: context.setting.root },
    inOrder([own, ...contents]),
  );
}
