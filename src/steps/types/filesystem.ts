import type { FilesystemNode } from "../../devices/filesystem.ts";
import type { StepContext } from "../context.ts";
import { argumentHere } from "../device-names.ts";
import { createWithHooks, mountWithHooks } from "../hooks.ts";
import type { Located } from "../located.ts";
import { makingSteps } from "../making.ts";
import { mkfsArguments } from "../mkfs.ts";
import { mountSteps } from "../mount.ts";
import { type NodeSteps, noSteps } from "../node-steps.ts";
import { step } from "../step.ts";

/** A filesystem: made where nothing is, mounted where the tree says. */
export function filesystemSteps(located: Located<FilesystemNode>, context: StepContext): NodeSteps {
  const { node, path, device } = located;
  const { root } = context.setting;
  const place = { path, device, root };
  const mkfs = [`mkfs.${node.format}`, ...mkfsArguments(node, node.format, path, context), device];
  const create = step(path, `make a filesystem (${node.format}) on ${device}`, [{ kind: "is empty", device }], mkfs);
  const { mountpoint, format: type, mountOptions } = node;
  const options = mountOptions.map((option) => argumentHere(option, context.deviceNames));
  const mounts =
    mountpoint === null
      ? []
      : [mountWithHooks(node, place, mountSteps({ path, device, type, options, mountpoint, root }))];
  return { ...noSteps, create: createWithHooks(node, place, makingSteps(located, context, [create])), mounts };
}
