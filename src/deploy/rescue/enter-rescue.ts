import { readFileSync } from "node:fs";
import { MkimageError } from "../../base/errors.ts";
import { KiB } from "../../base/units.ts";
import type { Connection } from "../../remote/connection.ts";
import { type Clock, ownClock } from "../../runtime/clock.ts";
import type { Reporter } from "../../runtime/reporter.ts";
import type { KexecProgram } from "./kexec-program.ts";
import { folderScript, forgetScript, loadScript, startScript } from "./kexec-scripts.ts";
import { memoryToLoad } from "./needed-memory.ts";
import type { RescueSystem } from "./rescue-system.ts";
import { type SentFile, sendFiles } from "./send-files.ts";
import { waitForRescue } from "./wait-for-rescue.ts";

/** A rescue system, and the means to start a machine into it. */
export interface RescueParts {
  readonly system: Pick<RescueSystem, "kernel" | "initrd" | "parameters">;
  readonly kexec: KexecProgram;
  /** As in its marker. */
  readonly deployment: string;
  /** The id of the boot that it ends. */
  readonly boot: string;
}

interface EnterOptions {
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
  /** Connects to where the rescue system will be, if its keys are those that are expected. */
  readonly connect: () => Promise<Connection>;
  /** The longest that the rescue system may take to answer. */
  readonly deadlineSeconds: number;
  /** Default: this machine's. */
  readonly clock?: Clock;
}

/**
 * Starts a machine into its rescue system by kexec, and connects to that. The given connection ends with the old system. Nothing
 * is written to the machine's disks, and secrets are in its memory only.
 *
 * @throws MkimageError REMOTE_FAILED when its kernel does not take another one, or the rescue system does not answer;
 *   INTERRUPTED.
 */
export async function enterRescue(
  connection: Connection,
  parts: RescueParts,
  options: EnterOptions,
): Promise<Connection> {
  const { reporter, signal, clock = ownClock } = options;
  const needed = Math.ceil(memoryToLoad(parts.system, parts.kexec) / KiB);
  const folder = (await connection.run(folderScript, [String(needed)], { signal, deadlineSeconds: 60 })).trim();
  try {
    await reporter.task("sending the rescue system", ({ progress }) =>
      sendFiles(connection, folder, filesOf(parts), { signal, onSent: progress }),
    );
    await reporter.task("loading the rescue system", () => load(connection, folder, parts, signal));
  } catch (error) {
    await connection.run(forgetScript, [folder, ...parts.kexec.command]).catch(() => undefined);
    throw error;
  }
  await connection.run(startScript, [folder, ...parts.kexec.command], { signal, deadlineSeconds: 60 });
  await connection[Symbol.asyncDispose]();
  return await reporter.task("waiting for the rescue system", ({ detail }) =>
    waitForRescue({ ...options, ...parts, clock, onSeen: detail }),
  );
}

function filesOf({ system, kexec }: RescueParts): SentFile[] {
  return [
    ...kexec.files.map((file) => ({ ...file, mode: "0700" })),
    { name: "kernel", bytes: readFileSync(system.kernel), mode: "0600" },
    { name: "initrd", bytes: system.initrd, mode: "0600" },
  ];
}

async function load({ run, destination }: Connection, folder: string, parts: RescueParts, signal?: AbortSignal) {
  const arguments_ = [folder, parts.system.parameters.join(" "), ...parts.kexec.command];
  const answer = await run(loadScript, arguments_, { signal, deadlineSeconds: 600 });
  if (answer === "loaded\n") return;
  throw new MkimageError("REMOTE_FAILED", `the kernel of ${destination} takes no other kernel`, {
    details: answer.split("\n").filter((line) => line !== ""),
    hint: "Secure Boot, lockdown and kernel.kexec_load_disabled forbid it, and it takes memory: change that, or start the machine from a medium",
  });
}
