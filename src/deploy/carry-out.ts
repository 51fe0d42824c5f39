import type { Course } from "./course.ts";
import { changeTarget } from "./change-target.ts";
import type { TargetFacts } from "./facts/target-facts.ts";
import type { PhaseTime } from "./phase-clock.ts";
import type { Phase } from "./phases.ts";
import type { Proof } from "./prove.ts";
import { proveSystem } from "./prove-system.ts";
import type { WrittenDisk } from "./write-disks.ts";

/** The outcome of a deployment. */
export interface Deployed {
  /** The store path of the system; undefined where the target was only looked at. */
  readonly system: string | undefined;
  /** Undefined where its answer alone was waited for. */
  readonly facts: TargetFacts | undefined;
  readonly disks: readonly WrittenDisk[];
  /** Undefined where it was not asked for, or cannot be had. */
  readonly proof: Proof | undefined;
  readonly times: readonly PhaseTime[];
}

/**
 * Carries out the phases of a deployment whose system is there.
 *
 * @throws MkimageError as the phases do; its hint says in which state the target is.
 */
export async function carryOut(course: Course): Promise<Deployed> {
  return await withState(course, () => phasesOf(course));
}

/** The part of a course that looking at a target takes. */
type Look = Pick<Course, "request" | "clock" | "machines" | "connections" | "reporter" | "signal" | "dialogue">;

/**
 * Looks at a target, for which no system is needed.
 *
 * @throws MkimageError REMOTE_FAILED, COMMAND_TIMED_OUT, INTERRUPTED.
 */
export async function lookAtTarget(look: Look): Promise<Deployed> {
  const { facts } = await withState(look, () => meet(look));
  return { system: undefined, facts, disks: [], proof: undefined, times: look.clock.times };
}

async function withState<Result>({ request, clock, signal, dialogue }: Look, work: () => Promise<Result>) {
  const { destination } = request.host;
  try {
    return await work();
  } catch (error) {
    // An interruption is no error to show, and the state has to be said all the same.
    if (signal.aborted) dialogue.say(`${destination}: ${clock.state}`);
    throw clock.withState(error, destination);
  }
}

async function meet({ request, clock, machines, connections, reporter, signal }: Look) {
  const connection = connections.use(await machines.connect(request.host, request.ssh));
  const facts = await clock.always("facts", () =>
    reporter.task("Looking at the target", () => machines.askFacts(connection, signal)),
  );
  return { connection, facts };
}

async function phasesOf(course: Course): Promise<Deployed> {
  const { request, prepared, clock } = course;
  const met = isWaiting(request.phases) ? undefined : await meet(course);
  const changed =
    met !== undefined && changes(request.phases) ? await changeTarget(course, met.connection, met.facts) : undefined;
  const source = changed?.source ?? prepared.source;
  const isDry = course.dryRun !== undefined;
  const proof = isDry ? undefined : await clock.run("prove", () => proveSystem(course, source, met?.facts.boot));
  return {
    system: prepared.system.toplevel,
    facts: met?.facts,
    disks: changed?.disks ?? [],
    proof,
    times: clock.times,
  };
}

/** Whether a target's answer is all that is asked for: it may be about to start, and answer nothing yet. */
function isWaiting(phases: readonly Phase[]): boolean {
  return phases.every((phase) => phase === "prove");
}

/** Whether anything but looking is asked for. */
function changes(phases: readonly Phase[]): boolean {
  return phases.some((phase) => phase !== "facts" && phase !== "prove");
}
