import { describePlan } from "../pipeline/plan/describe.ts";
import type { ImageSource } from "../pipeline/plan/source.ts";
import type { Connection } from "../remote/connection.ts";
import { act, type DecidedDisks } from "./act.ts";
import { confirmDeployment, describeTarget } from "./confirm-deployment.ts";
import type { Course } from "./course.ts";
import type { TargetFacts } from "./facts/target-facts.ts";
import { withHostKeys } from "./final-keys.ts";
import { draftForTarget, layOut } from "./lay-out.ts";
import type { Rescue } from "./make-rescue.ts";
import { requireFit } from "./require-fit.ts";
import type { TargetDisk } from "./target-disks.ts";
import type { WrittenDisk } from "./write-disks.ts";

/** A target after the phases that change it, and what the system on its disks is made of. */
interface ChangedTarget {
  readonly disks: readonly WrittenDisk[];
  readonly source: ImageSource;
}

/**
 * Does all that changes a target: from the last checks to its restart.
 *
 * @throws MkimageError; until the target was confirmed nothing of it is changed.
 */
export async function changeTarget(course: Course, connection: Connection, facts: TargetFacts): Promise<ChangedTarget> {
  const { request, prepared, memoryFolder, dryRun, time } = course;
  const rescue = await rescueFor(course, facts);
  const targets = await requireFit(course, facts, rescue?.memory ?? 0);
  rescue?.notes.forEach((line) => course.reporter.note(line));
  const source = request.copiesHostKeys ? withHostKeys(prepared.source, facts, memoryFolder, time) : prepared.source;
  const writes = request.phases.includes("disks");
  const disks = writes
    ? await decideDisks({ ...course, prepared: { ...prepared, source } }, facts, targets)
    : undefined;
  if (dryRun !== undefined) return { disks: [], source };
  return { disks: await act(course, { connection, facts, rescue, disks }), source };
}

/** The rescue system of a target, if it is to be started into one: a machine that runs it stays in it. */
async function rescueFor(course: Course, facts: TargetFacts): Promise<Rescue | undefined> {
  const { request, machines, reporter } = course;
  if (facts.rescue !== undefined || !request.phases.includes("kexec") || facts.kernel !== "Linux") return undefined;
  return await reporter.task("Making the rescue system", () => machines.makeRescue({ ...course, facts }));
}

/** Lays out the disks that the user agrees to lose. A dry run ends before the question. */
async function decideDisks(
  course: Course,
  facts: TargetFacts,
  targets: readonly TargetDisk[],
): Promise<DecidedDisks | undefined> {
  const { request, prepared, dryRun, dialogue } = course;
  const drafted = await draftForTarget(request.build, prepared.source, targets, course);
  if (dryRun === undefined) {
    await course.inTurn(() => confirmDeployment(request.host, facts, targets, course.yesWipeAllDisks, dialogue));
    return { targets, laid: await layOut(drafted, course.folder, course) };
  }
  describeTarget(facts, targets).forEach(dialogue.say);
  dialogue.say(`would be laid out anew, by the phases ${request.phases.join(", ")}:`);
  describePlan(drafted.blueprint, drafted.plan, dryRun.style).split("\n").forEach(dialogue.say);
  return undefined;
}
