import { describePlan } from "../pipeline/plan/describe.ts";
import type { ImageSource } from "../pipeline/plan/source.ts";
import type { Connection } from "../remote/connection.ts";
import { bootEntryOf } from "./boot-entry.ts";
import { confirmDeployment, describeTarget } from "./confirm-deployment.ts";
import type { Course } from "./course.ts";
import type { TargetFacts } from "./facts/target-facts.ts";
import { withHostKeys } from "./final-keys.ts";
import { draftForTarget, type LaidDisks, layOut } from "./lay-out.ts";
import type { Rescue } from "./make-rescue.ts";
import { requireFit } from "./require-fit.ts";
import type { TargetDisk } from "./target-disks.ts";
import { finishDisks, stageDisks, type StagedTarget, type WrittenDisk } from "./write-disks.ts";

/** The disks of a target after its phases, and what the system on them is made of. */
interface ChangedDisks {
  readonly disks: readonly WrittenDisk[];
  readonly source: ImageSource;
}

/**
 * Does all that changes a target: from the last checks to its restart.
 *
 * @throws MkimageError; until the target was confirmed nothing of it is changed.
 */
export async function changeDisks(course: Course, connection: Connection, facts: TargetFacts): Promise<ChangedDisks> {
  const { request, prepared, memoryFolder, dryRun, dialogue, time } = course;
  const rescue = await rescueFor(course, facts);
  const targets = await requireFit(course, facts, rescue?.memory ?? 0);
  rescue?.notes.forEach((line) => course.reporter.note(line));
  const source = request.copiesHostKeys ? withHostKeys(prepared.source, facts, memoryFolder, time) : prepared.source;
  const drafted = await draftForTarget(request.build, source, targets, course);
  if (dryRun !== undefined) {
    describeTarget(facts, targets).forEach(dialogue.say);
    dialogue.say(`would be laid out anew, by the phases ${request.phases.join(", ")}:`);
    describePlan(drafted.blueprint, drafted.plan, dryRun.style).split("\n").forEach(dialogue.say);
    return { disks: [], source };
  }
  await confirmDeployment(facts, targets, course.yesWipeAllDisks, dialogue);
  const isLaid = request.phases.includes("disks");
  const laid = isLaid ? await layOut(drafted, course.folder, course) : { disks: [], plan: drafted.plan };
  return { disks: await act(course, { connection, facts, rescue, targets, laid }), source };
}

/** A target that was confirmed, and all bytes for its disks. */
interface Ready {
  readonly connection: Connection;
  readonly facts: TargetFacts;
  readonly rescue: Rescue | undefined;
  readonly targets: readonly TargetDisk[];
  readonly laid: LaidDisks;
}

async function act(
  course: Course,
  { connection, facts, rescue, targets, laid }: Ready,
): Promise<readonly WrittenDisk[]> {
  const { clock, machines, reporter, signal } = course;
  const open =
    (await clock.run("kexec", () =>
      rescue === undefined ? Promise.resolve(connection) : enter(course, connection, rescue),
    )) ?? connection;
  const write = { host: machines, reporter, signal };
  // Only who runs the rescue system can have been here before.
  const known = facts.rescue === undefined ? "send all" : "compare first";
  const staged = (await clock.run("disks", () => stageDisks(open, targets, laid.disks, known, write))) ?? [];
  const disks = (await clock.run("install", () => complete(course, open, staged, laid))) ?? [];
  await clock.run("reboot", () => machines.restart(open));
  return disks;
}

/** The disks become what firmware starts, and where that is wanted, firmware is told. */
async function complete(
  { request, machines, reporter, signal }: Course,
  connection: Connection,
  staged: readonly StagedTarget[],
  { plan }: LaidDisks,
): Promise<WrittenDisk[]> {
  const disks = await finishDisks(staged, { host: machines, reporter, signal });
  const entry = request.touchesFirmware ? bootEntryOf(plan) : undefined;
  if (entry !== undefined) await machines.writeBootEntry(connection, entry, disks);
  return disks;
}

/** The rescue system of a target, if it is to be started into one: a machine that runs it stays in it. */
async function rescueFor(course: Course, facts: TargetFacts): Promise<Rescue | undefined> {
  const { request, machines, reporter } = course;
  if (facts.rescue !== undefined || !request.phases.includes("kexec") || facts.kernel !== "Linux") return undefined;
  return await reporter.task("Making the rescue system", () => machines.makeRescue({ ...course, facts }));
}

async function enter(course: Course, connection: Connection, rescue: Rescue): Promise<Connection> {
  const { request, machines, connections, reporter, signal } = course;
  const options = {
    reporter,
    signal,
    connect: () => machines.connect(rescue.host, rescue.ssh),
    deadlineSeconds: request.deadlines.rescueSeconds,
    clock: machines.clock,
  };
  return connections.use(await machines.enterRescue(connection, rescue.parts, options));
}
