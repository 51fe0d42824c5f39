import type { LogicalVolumeNode, LvmVgNode } from "./schema.ts";
import { MkimageError } from "../../../base/errors.ts";
import type { Tool } from "../../../runtime/tools.ts";
import { type StepContext, memberDevices } from "../../steps/context.ts";
import { withHooks } from "../../../steps/hooks.ts";
import { sorted } from "../../tree/locate.ts";
import type { Unit } from "../../tree/units.ts";
import { inOrder, type NodeSteps, noSteps } from "../../../steps/node-steps.ts";
import { waitForUdev } from "../../../steps/settle.ts";
import { type CommandStep, type Guard, step } from "../../../steps/step.ts";
import { splitWords } from "../../../base/split-words.ts";
import { orderedVolumes } from "./order.ts";
import { volumeGroupClaim } from "../lvm-pv/steps.ts";

/** A volume group with its volumes: thin pools first, what takes the rest last. */
export function lvmVgSteps(unit: Unit, node: LvmVgNode, context: StepContext): NodeSteps {
  const { path, key } = unit;
  const name = lvmName(unit.name, path);
  const { root } = context.setting;
  const claim = volumeGroupClaim(name, context);
  const members = memberDevices(context, "lvm_vg", name);
  const create = ["vgcreate", "--yes", name, ...members];
  // Another group may have the name.
  const known: Guard = { kind: "is known", claim };
  const deactivate = step(path, `deactivate volume group ${name}`, [known], ["vgchange", "--activate", "n", name]);
  const group: NodeSteps = {
    ...noSteps,
    claims: [claim],
    create: [
      step(path, `make volume group ${name}`, [{ kind: "is unmade", claim }], create),
      ...(context.mode === "format" ? orderedVolumes(node) : []).map(([lv, volume]) =>
        volumeStep(volume, name, `${path}.lvs.${lv}`, context),
      ),
      activate(path, name, []),
    ],
    open: [activate(path, name, [{ kind: "is made", claim }])],
    close: [deactivate],
    remove: [deactivate, step(path, `remove volume group ${name}`, [known], ["vgremove", "--force", "--yes", name])],
  };
  const contents = sorted(node.lvs).map(([lv, volume]) => {
    const inside = unit.contents.filter((content) => content.path === `lvm_vg.${key}.lvs.${lv}.content`);
    const place = { path: `${path}.lvs.${lv}`, device: `/dev/${name}/${volume.name}`, key: volume.name, root };
    return withHooks(volume, place, inOrder(inside.map(context.stepsOf)));
  });
  return withHooks(node, { path, key: name, root }, inOrder([group, ...contents]));
}

/** Source: lvm(8), "VALID NAMES". */
function lvmName(name: string, path: string): string {
  if (/^(?!-|\.\.?$)[A-Za-z0-9+_.-]{1,127}$/.test(name)) return name;
  throw new MkimageError("BAD_REQUEST", `${path}: LVM takes no name such as ${JSON.stringify(name)}`, {
    hint: "use letters, digits and + _ . -, and no - at the beginning",
  });
}

/**
 * Volumes that can do without a device that is missing are activated without it. Watching over them is the
 * installed system's affair; where there is no dmeventd, it would fail.
 */
function activate(path: string, name: string, guards: readonly Guard[]): CommandStep {
  return step(
    path,
    `activate volume group ${name}`,
    guards,
    ["vgchange", "--activate", "y", "--activationmode", "degraded", "--ignoremonitoring", name],
    waitForUdev,
  );
}

/** Makes a volume of a group, unless it is there. */
export function volumeStep(node: LogicalVolumeNode, group: string, path: string, context: StepContext): CommandStep {
  const name = lvmName(node.name, path);
  const argv = [
    "lvcreate",
    "--yes",
    "--name",
    name,
    ...typeArguments(node, path),
    ...(context.setting.blank === true && isMirrored(node) ? ["--nosync"] : []),
    ...sizeArguments(node, path, context),
    ...splitWords(node.extraArgs),
    group,
  ];
  // LVM has erased what stood at its place before, but for the copies of a superblock.
  const cleared = node.content === null ? [] : [["mark_cleared", `/dev/${group}/${name}`]];
  const missing: Guard = { kind: "fails", argv: ["lvs", `${group}/${name}`] };
  return step(path, `make volume ${group}/${name}`, [missing], { argv, calls: calledFor(node) }, ...cleared);
}

/** LVM has a program look at the metadata of a thin pool, and opens none that was not looked at. */
function calledFor({ lvm_type }: LogicalVolumeNode): readonly Tool[] {
  return lvm_type === "thin-pool" ? ["thin_check"] : [];
}

/** Two halves of zeros are alike from the start. */
function isMirrored({ lvm_type }: LogicalVolumeNode): boolean {
  return lvm_type === "mirror";
}

function typeArguments({ lvm_type, pool }: LogicalVolumeNode, path: string): string[] {
  if (lvm_type === null) return [];
  if (lvm_type !== "thinlv") return [`--type=${lvm_type}`];
  if (pool !== null) return ["--type=thin", `--thinpool=${pool}`];
  throw new MkimageError("BAD_REQUEST", `${path} is a thin volume without a pool`, {
    hint: 'name the thin pool that it lies in: "pool": "…"',
  });
}

/** A share is of what is free unless it says otherwise; a thin volume takes none, since it only borrows. */
function sizeArguments({ size, lvm_type }: LogicalVolumeNode, path: string, { setting }: StepContext): string[] {
  const length = size.replace(/([KMGTP])i?B$/i, "$1");
  if (!size.includes("%")) return [lvm_type === "thinlv" ? "--virtualsize" : "--size", length];
  if (lvm_type !== "thinlv") return ["--extents", size.endsWith("%") ? `${size}FREE` : size];
  const volumes = setting.layout?.groups.flatMap((group) => group.volumes) ?? [];
  const solved = volumes.find((volume) => volume.path === path);
  if (solved !== undefined) return ["--virtualsize", `${solved.size}b`];
  throw new MkimageError("BAD_REQUEST", `${path}: a thin volume of ${size} needs to know the size of its pool`, {
    hint: "give it a size such as 10G",
  });
}
