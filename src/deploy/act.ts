import { throwIfAborted } from "../image/image.ts";
import type { Connection } from "../remote/connection.ts";
import { bootEntryOf } from "./boot-entry.ts";
import type { Course } from "./course.ts";
import type { TargetFacts } from "./facts/target-facts.ts";
import type { LaidDisks } from "./lay-out.ts";
import type { Rescue } from "./make-rescue.ts";
import type { TargetDisk } from "./target-disks.ts";
import {
  findDisks,
  finishDisks,
  type FoundTarget,
  stageDisks,
  type StagedTarget,
  type WriteContext,
  type WrittenDisk,
} from "./write-disks.ts";

/** A target that may be changed, and all that is to be done to it. */
interface Ready {
  readonly connection: Connection;
  readonly facts: TargetFacts;
  /** Undefined where the target stays in what it runs. */
  readonly rescue: Rescue | undefined;
  /** Undefined where disks are left alone. */
  readonly disks: DecidedDisks | undefined;
}

/** The disks that the user agrees to lose, and all bytes for them. */
export interface DecidedDisks {
  readonly targets: readonly TargetDisk[];
  readonly laid: LaidDisks;
}

/**
 * Carries out the phases that change a target.
 *
 * @throws MkimageError as the phases do.
 */
export async function act(course: Course, ready: Ready): Promise<readonly WrittenDisk[]> {
  const { clock, machines } = course;
  const entered = await clock.run("kexec", () => enter(course, ready));
  const connection = entered ?? ready.connection;
  const found = await find(course, connection, ready);
  const staged = (await clock.run("disks", () => stage(course, found, ready))) ?? [];
  const disks = (await clock.run("install", () => complete(course, connection, staged, ready))) ?? [];
  await clock.run("reboot", async () => {
    // What makes disks bootable is written without a break; whoever interrupts that wants nothing further.
    throwIfAborted(course.signal);
    await machines.restart(connection);
  });
  return disks;
}

async function enter(course: Course, { connection, rescue }: Ready): Promise<Connection> {
  if (rescue === undefined) return connection;
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

/** Comes before the phase that writes: as long as it is not done, the disks are as they were. */
async function find(course: Course, connection: Connection, { disks }: Ready): Promise<FoundTarget[]> {
  return disks === undefined ? [] : await findDisks(connection, disks.targets, writingFor(course));
}

async function stage(course: Course, found: readonly FoundTarget[], { facts, disks }: Ready): Promise<StagedTarget[]> {
  if (disks === undefined) return [];
  // Only who runs the rescue system can have been here before, and nobody on disks that were made for this run.
  const known = facts.rescue === undefined || course.isTest ? "send all" : "compare first";
  return await stageDisks(found, disks.laid.disks, known, writingFor(course));
}

/** The disks become what firmware starts, and where that is wanted, firmware is told. */
async function complete(
  course: Course,
  connection: Connection,
  staged: readonly StagedTarget[],
  { disks }: Ready,
): Promise<WrittenDisk[]> {
  const written = await finishDisks(staged, writingFor(course));
  const entry = disks !== undefined && course.request.touchesFirmware ? bootEntryOf(disks.laid.plan) : undefined;
  if (entry !== undefined) await course.machines.writeBootEntry(connection, entry, written);
  return written;
}

function writingFor({ machines: host, reporter, signal }: Course): WriteContext {
  return { host, reporter, signal };
}
