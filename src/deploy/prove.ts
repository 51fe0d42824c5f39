import { MkimageError } from "../base/errors.ts";
import { quote } from "../base/quote.ts";
import type { Clock } from "../runtime/clock.ts";
import type { TaskReporter } from "../runtime/reporter.ts";
import { describeSight, type Sight } from "./observe.ts";

/** The new system, as it answered. */
export interface Proof {
  readonly toplevel: string;
  readonly uptimeSeconds: number;
  readonly boot: string;
}

interface ProofOptions {
  readonly toplevel: string;
  readonly deadlineSeconds: number;
  readonly look: () => Promise<Sight>;
  /** The id of the boot that has to be over. */
  readonly before?: string | undefined;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly task: Pick<TaskReporter, "detail">;
}

/**
 * Waits until the system that was sent answers.
 *
 * @throws MkimageError REMOTE_FAILED with what was last seen, at the deadline or as soon as it can only stay so.
 */
export async function prove(options: ProofOptions): Promise<Proof> {
  const { toplevel, deadlineSeconds, look, clock, signal, task } = options;
  const start = clock.now();
  let [since, before] = [start, ""];
  for (;;) {
    const sight = await look();
    if (sight.kind === "system" && sight.toplevel === toplevel && sight.boot !== options.before) return sight;
    const text = describeSight(sight);
    if (text !== before) [since, before] = [clock.now(), text];
    task.detail(text);
    const isOver = clock.now() - start > deadlineSeconds;
    if (isOver || (isFinal(sight) && clock.now() - since > patienceSeconds)) throw failure(options, sight, isOver);
    await clock.pause(2, signal);
  }
}

/** Whether a machine that has come up goes on saying so. While it starts up it may say so for a moment. */
function isFinal({ kind }: Sight): boolean {
  return kind === "other key" || kind === "no login" || kind === "locked key";
}

const patienceSeconds = 60;

function failure({ toplevel, deadlineSeconds }: ProofOptions, sight: Sight, isOver: boolean): MkimageError {
  const seen = `last seen: ${describeSight(sight)}`;
  const message = isOver
    ? `the new system did not answer within ${deadlineSeconds} s`
    : "the new system cannot be asked";
  return new MkimageError("REMOTE_FAILED", message, { details: [seen, `expected: ${toplevel}`], hint: hintOf(sight) });
}

function hintOf(sight: Sight): string {
  switch (sight.kind) {
    case "other key":
      return "look at its console; a host key that the system makes at its first boot cannot be known before (--copy-host-keys)";
    case "no login":
      return "the system has no key of yours: set users.users.root.openssh.authorizedKeys.keys, or name another user by --final-host";
    case "locked key":
      return `give the key to an agent (ssh-add ${quote(sight.path)}), and ask again: --phases prove`;
    case "rescue":
      return "it did not restart: restart it by hand";
    case "system":
      return "it started from another disk, or an old boot entry: look at the order of its firmware";
    case "nothing":
      return "look at its console: the system may have another address (--final-host), or lack a driver";
  }
}
