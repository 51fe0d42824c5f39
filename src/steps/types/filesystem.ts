import type { FilesystemNode } from "../../devices/filesystem.ts";
import { type Claim, claimOn } from "../claim.ts";
import type { StepContext } from "../context.ts";
import { createWithHooks, mountWithHooks } from "../hooks.ts";
import type { Located } from "../located.ts";
import { makingSteps } from "../making.ts";
import { mkfsArguments } from "../mkfs.ts";
import { mountSteps } from "../mount.ts";
import { type NodeSteps, noSteps } from "../node-steps.ts";
import { step } from "../step.ts";
import { btrfsClaim } from "./btrfs.ts";

/** A filesystem: made where nothing is, mounted where the tree says. */
export function filesystemSteps(located: Located<FilesystemNode>, context: StepContext): NodeSteps {
  const { node, path, device, key } = located;
  const { root } = context.setting;
  const place = { path, device, key, root };
  const claim = filesystemClaim(located);
  const mkfs = [`mkfs.${node.format}`, ...mkfsArguments(node, node.format, path, context), device];
  const create = step(path, `make a filesystem (${node.format}) on ${device}`, [{ kind: "is unmade", claim }], mkfs);
  const { mountpoint, format: type, mountOptions: options } = node;
  const mounts =
    mountpoint === null
      ? []
      : [mountWithHooks(node, place, mountSteps({ path, device, type, options, mountpoint, root }))];
  return {
    ...noSteps,
    claims: [claim],
    create: createWithHooks(node, place, makingSteps(claim, context, [create])),
    mounts,
  };
}

function filesystemClaim(located: Located<FilesystemNode>): Claim {
  const { format, extraArgs } = located.node;
  if (format === "btrfs") return btrfsClaim(located, extraArgs, located.node.mountOptions);
  return claimOn(located, `a filesystem (${format})`, ...(otherTypes[format] ?? [format]));
}

/** What `blkid` calls what a `mkfs` makes, where that is not its format; ext4 goes by its features. */
const otherTypes: Readonly<Record<string, readonly string[]>> = {
  ext2: ["ext2", "ext3", "ext4"],
  ext3: ["ext3", "ext2", "ext4"],
  ext4: ["ext4", "ext3", "ext2"],
  fat: ["vfat"],
  msdos: ["vfat"],
};
