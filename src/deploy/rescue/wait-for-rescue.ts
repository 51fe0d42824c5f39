import { MkimageError } from "../../base/errors.ts";
import type { Connection } from "../../remote/connection.ts";
import type { Clock } from "../../runtime/clock.ts";

interface Waiting {
  /** Tries to connect once. */
  readonly connect: () => Promise<Connection>;
  readonly deployment: string;
  /** The id of the boot that is to end. */
  readonly boot: string;
  readonly deadlineSeconds: number;
  readonly clock: Clock;
  /** Called when something else is seen than before. */
  readonly onSeen: (seen: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits until a machine answers as the rescue system of a deployment.
 *
 * @throws MkimageError REMOTE_FAILED when it does not in time, with what was seen last, or when another system has come up;
 *   INTERRUPTED.
 */
export async function waitForRescue(waiting: Waiting): Promise<Connection> {
  const { clock, deadlineSeconds, signal, onSeen } = waiting;
  const end = clock.now() + deadlineSeconds;
  let [wasAway, closedSince] = [false, Infinity];
  for (let last = ""; ;) {
    if (signal?.aborted === true) throw interrupted();
    const seen = await look(waiting);
    if (typeof seen !== "string") return seen;
    // The rescue system lets in whoever has its key from the moment that it answers; the old one never does.
    closedSince = seen === letsNobodyIn ? Math.min(closedSince, clock.now()) : Infinity;
    if (wasAway && clock.now() - closedSince >= patienceSeconds) throw otherSystem("the machine", []);
    wasAway ||= away.has(seen);
    if (seen !== last) onSeen(seen);
    last = seen;
    if (clock.now() >= end) throw tooLate(deadlineSeconds, seen);
    await clock.pause(2, signal);
  }
}

/** An old system that is slow to end may be silent for a moment, and answer again. */
const patienceSeconds = 60;

/** The rescue system, or what is there in its place. */
async function look(waiting: Waiting): Promise<Connection | string> {
  let connection: Connection | undefined;
  let isRescue = false;
  try {
    connection = await waiting.connect();
    const answer = await connection.run(whoScript, [], { deadlineSeconds: 30, signal: waiting.signal });
    const seen = identify(answer, waiting, connection.destination);
    isRescue = seen === undefined;
    return seen ?? connection;
  } catch (error) {
    if (error instanceof MkimageError && isPassing(error)) return sightingOf(error);
    throw error;
  } finally {
    if (!isRescue) await connection?.[Symbol.asyncDispose]();
  }
}

/** Tells what answers, if it is not the rescue system, but may yet become it. */
function identify(answer: string, { boot, deployment }: Waiting, destination: string): string | undefined {
  const [system = "", ...marker] = answer.trimEnd().split("\n");
  if (system === boot) return "the old system still answers";
  if (marker.includes(`deployment ${deployment}`)) return undefined;
  throw otherSystem(destination, marker);
}

const whoScript = `cat /proc/sys/kernel/random/boot_id
cat /etc/mkimage-rescue 2>/dev/null || true
`;

class OtherSystem extends MkimageError {}

function otherSystem(destination: string, marker: readonly string[]): MkimageError {
  const what = marker.length === 0 ? "its old system" : "the rescue system of another deployment";
  return new OtherSystem("REMOTE_FAILED", `${destination} has started, but into ${what}`, {
    hint: "the new kernel gave up, or somebody restarted the machine; its disks were not touched. Look at its console",
  });
}

function isPassing(error: MkimageError): boolean {
  return (error.code === "REMOTE_FAILED" || error.code === "COMMAND_TIMED_OUT") && !(error instanceof OtherSystem);
}

/** Puts a failure of ssh in a few words; its own last line, where it is none of those that are to be expected. */
function sightingOf({ message, details }: MkimageError): string {
  const text = [message, ...details].join("\n");
  const known = sightings.find(([words]) => words.test(text));
  return known?.[1] ?? details.at(-1) ?? message;
}

const letsNobodyIn = "it answers, but lets nobody in";
const isRefused = "the connection is refused";
const isUnreachable = "there is no way to it";
const isSilent = "nothing answers";
/** Sights of a machine that has left its old system. */
const away: ReadonlySet<string> = new Set([isRefused, isUnreachable, isSilent]);

const sightings = [
  [/HOST IDENTIFICATION HAS CHANGED|Host key verification failed/, "a machine with another host key answers"],
  [/Connection refused/, isRefused],
  [/No route to host|Network is unreachable/, isUnreachable],
  [/Permission denied/, letsNobodyIn],
  [/timed out|did not end within|Connection reset|Connection closed|banner exchange/, isSilent],
] as const;

function interrupted(): MkimageError {
  return new MkimageError("INTERRUPTED", "interrupted while the rescue system starts", {
    hint: "the machine goes on into its rescue system; a restart brings the old system back",
  });
}

function tooLate(seconds: number, seen: string): MkimageError {
  return new MkimageError("REMOTE_FAILED", `the rescue system did not answer within ${seconds} s: ${seen}`, {
    hint: "its disks were not touched: a restart brings the old system back. Its console says what the rescue system lacks",
  });
}
