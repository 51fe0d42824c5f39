import { filesystemOf } from "../../../filesystems/registry.ts";
import type { FilesystemNode } from "./schema.ts";
import { splitWords } from "../../../base/split-words.ts";
import { type Claim, claimOn } from "../../../steps/claim.ts";
import type { StepContext } from "../../steps/context.ts";
import { argumentHere } from "../../steps/argument-here.ts";
import { createWithHooks, mountWithHooks } from "../../../steps/hooks.ts";
import type { Located } from "../../tree/locate.ts";
import { makingSteps } from "../../steps/making.ts";
import { mkfsArguments } from "../../steps/mkfs.ts";
import { mountSteps } from "../../../steps/mount.ts";
import { type NodeSteps, noSteps } from "../../../steps/node-steps.ts";
import { step } from "../../../steps/step.ts";
import { btrfsClaim } from "../btrfs/steps.ts";

/** A filesystem: made where nothing is, mounted where the tree says. */
export function filesystemSteps(located: Located<FilesystemNode>, context: StepContext): NodeSteps {
  const { node, path, device, key } = located;
  const { root } = context.setting;
  const place = { path, device, key, root };
  const claim = filesystemClaim(located, context);
  const mkfs = [`mkfs.${node.format}`, ...mkfsArguments(node, node.format, path, context), device];
  const create = step(path, `make a filesystem (${node.format}) on ${device}`, [{ kind: "is unmade", claim }], mkfs);
  const { mountpoint, format: type, mountOptions } = node;
  const options = mountOptions.map((option) => argumentHere(option, context.deviceNames));
  const mounts =
    mountpoint === null
      ? []
      : [mountWithHooks(node, place, mountSteps({ path, device, type, options, mountpoint, root }))];
  return {
    ...noSteps,
    claims: [claim, ...lentClaims(located, context)],
    create: createWithHooks(node, place, makingSteps(claim, context, [create])),
    mounts,
  };
}

function filesystemClaim(located: Located<FilesystemNode>, context: StepContext): Claim {
  const { format, mountOptions } = located.node;
  if (format === "btrfs") return btrfsClaim(located, mountOptions, context);
  return claimOn(located, `a filesystem (${format})`, ...filesystemOf(format).contents);
}

/** Returns the claims on further devices of the tree that the arguments of mkfs name, such as `-l logdev=…`. */
function lentClaims({ node, path, device }: Located<FilesystemNode>, { deviceNames }: StepContext): Claim[] {
  if (node.format === "btrfs") return [];
  const words = splitWords(node.extraArgs).flatMap((word) => word.split(/[,=]/));
  const lent = words.flatMap((word) => deviceNames.get(word) ?? []);
  const wanted = `a log or journal of the filesystem (${node.format}) on ${device}`;
  return lent.map((one) => claimOn({ path, device: one }, wanted, "xfs_external_log", "jbd"));
}
