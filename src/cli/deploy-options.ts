import { type Command, InvalidArgumentError, Option } from "commander";
import { type Phase, phases, phasesOf } from "../deploy/phases.ts";
import type { AppearanceFlags } from "./appearance.ts";
import { addMachineOptions, type MachineFlags } from "./machine-options.ts";
import { addRequestOptions } from "./request-options.ts";

/** The values of the options of `mkimage deploy` beside those of the request. */
export interface DeployFlags extends MachineFlags, AppearanceFlags {
  readonly hosts?: string;
  readonly phases?: readonly Phase[];
  readonly kexecOnly?: boolean;
  readonly reboot: boolean;
  readonly envPassword?: boolean;
  readonly generateHardwareConfig?: string;
  readonly rescueDeadline: number;
  readonly bootDeadline: number;
  readonly vmTest?: boolean;
  readonly dryRun?: boolean;
  readonly yesWipeAllDisks?: boolean;
  readonly jobs: number;
}

/** Adds the options of a deployment, under nixos-anywhere's names where it has the same. */
export function addDeployOptions(command: Command): Command {
  const own = addMachineOptions(command)
    .addOption(
      new Option(
        "--hosts <path>",
        "file with a machine in each line: SYSTEM [USER@]HOST, and options of that machine",
      ).conflicts("vmTest"),
    )
    .option("--phases <names>", `which of ${phases.join(", ")} are carried out, with commas (default: all)`, readPhases)
    .addOption(
      new Option("--kexec-only", "start the rescue system, and leave it running: the phases facts and kexec").conflicts(
        "phases",
      ),
    )
    .option("--no-reboot", "leave the rescue system running when the disks are complete")
    .option("--env-password", "log in by the password in the variable SSHPASS")
    .option(
      "--generate-hardware-config <path>",
      "write what the target has as a NixOS module, before the system is built",
    )
    .option("--rescue-deadline <seconds>", "how long the rescue system may take to answer", wholeNumber, 300)
    .option("--boot-deadline <seconds>", "how long the new system may take to answer", wholeNumber, 600)
    .option("--vm-test", "deploy to a machine of QEMU's with empty disks instead, up to the answer of the new system")
    .option("--dry-run", "look at the target, say what would be done and lost, and change nothing")
    .option("--yes-wipe-all-disks", "do not ask before disks are overwritten")
    .option("--jobs <number>", "how many machines are deployed to at a time", wholeNumber, 2);
  return addRequestOptions(own);
}

function readPhases(text: string): readonly Phase[] {
  const read = phasesOf(text);
  if (read !== undefined) return read;
  throw new InvalidArgumentError(`The phases are ${phases.join(", ")}; several go with commas.`);
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is a whole number: 1, 2, ...");
}
