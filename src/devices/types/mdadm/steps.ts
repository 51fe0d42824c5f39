import type { MdadmNode } from "./schema.ts";
import { type StepContext, memberDevices, seededUuid } from "../../steps/context.ts";
import { withHooks } from "../../../steps/hooks.ts";
import type { Unit } from "../../tree/units.ts";
import { inOrder, type NodeSteps, noSteps } from "../../../steps/node-steps.ts";
import { waitForNode, waitForUdev } from "../../../steps/settle.ts";
import { type Guard, step } from "../../../steps/step.ts";
import { splitWords } from "../../../base/split-words.ts";
import { arrayClaim } from "../mdraid/steps.ts";

/** An md array: assembled when its members know it, else made. */
export function mdadmSteps(unit: Unit, node: MdadmNode, context: StepContext): NodeSteps {
  const { path, name } = unit;
  const device = `/dev/md/${name}`;
  const members = memberDevices(context, "mdadm", name);
  // A node of an array that was stopped can stay behind.
  const present: Guard = { kind: "succeeds", argv: ["mdadm", "--detail", device] };
  const claim = arrayClaim(name, node, context);
  const assemble = step(
    path,
    `assemble ${device}`,
    [{ kind: "is made", claim }],
    ["with_own", "assemble_array", device],
    ...waitForNode(device),
  );
  const create = step(
    path,
    `make array ${device}`,
    [{ kind: "is unmade", claim }],
    createArguments(unit, node, members, context),
    ...waitForNode(device),
    // What the members held before must not look like the contents of the new array.
    ["wipefs", "--all", "--quiet", device],
    ["mark_cleared", device],
    waitForUdev,
  );
  // Another array may have the name.
  const known: Guard = { kind: "is known", claim };
  const stop = step(path, `stop ${device}`, [known, present], ["stop_array", device]);
  // What its partitions hold would come back with another array of the same members.
  const wipe = step(path, `wipe ${device}`, [known, present], ["wipe_disk", device]);
  const dissolve = step(path, `dissolve ${device}`, [known], ["with_own", "dissolve_array"]);
  const own: NodeSteps = {
    ...noSteps,
    claims: [claim],
    create: [assemble, create],
    open: [assemble],
    close: [stop],
    remove: [wipe, stop, dissolve],
  };
  const place = { path, device, key: name, root: context.setting.root };
  return withHooks(node, place, inOrder([own, ...unit.contents.map(context.stepsOf)]));
}

function createArguments(
  { path, name }: Unit,
  node: MdadmNode,
  members: readonly string[],
  context: StepContext,
): string[] {
  const words = splitWords(node.extraArgs);
  const uuid = node.uuid ?? seededUuid(context, `${path} uuid`);
  const named = uuid === undefined || words.some((word) => /^(-u|--uuid\b)/.test(word)) ? [] : [`--uuid=${uuid}`];
  return [
    "mdadm",
    "--create",
    `/dev/md/${name}`,
    `--level=${node.level}`,
    `--raid-devices=${members.length}`,
    `--metadata=${node.metadata}`,
    "--force",
    "--run",
    "--homehost=any",
    // Zeros are in step with zeros already.
    ...(context.setting.blank === true ? ["--assume-clean"] : []),
    ...named,
    ...words,
    ...members,
  ];
}
