import { Command } from "commander";
import pLimit from "p-limit";
import { formatSize } from "../base/units.ts";
import type { Deployed } from "../deploy/carry-out.ts";
import type { DeployContext } from "../deploy/course.ts";
import { deploy } from "../deploy/deploy.ts";
import type { DeployRequest } from "../deploy/deploy-request.ts";
import { factsJson } from "../deploy/facts/facts-json.ts";
import { machinesOverSsh as machines } from "../deploy/over-ssh.ts";
import { onlyLooks } from "../deploy/phases.ts";
import { printableJson } from "../inspect/printable.ts";
import { evaluateTogether } from "../pipeline/evaluate-together.ts";
import type { Reporter } from "../runtime/reporter.ts";
import { addAppearanceOptions, reporting } from "./appearance.ts";
import { addDeployOptions, type DeployFlags } from "./deploy-options.ts";
import { deploymentsOf } from "./deployments.ts";
import { dialogueOf, print } from "./dialogue.ts";
import { failureOf } from "./failures.ts";
import { pictureStyle } from "./picture-style.ts";
import { surroundingsOf } from "./surroundings.ts";

/** `mkimage deploy SYSTEM HOST…`: takes machines from whatever they run to systems. */
export function deployCommand(signal: AbortSignal): Command {
  const command = new Command("deploy")
    .description("replace what a machine runs by a system, over SSH, and prove that it has come up")
    .argument(
      "[system-and-host...]",
      "flake reference or store path of a system, and [USER@]HOST; further pairs side by side",
    )
    .addHelpText("after", examples)
    .action((words: string[], flags: DeployFlags) => deployAll(deploymentsOf(words, flags, signal), flags, signal));
  return addAppearanceOptions(addDeployOptions(command));
}

const examples = `
Examples:
  mkimage deploy .#web root@203.0.113.7 --dry-run            what would be done there, and what would be lost
  mkimage deploy .#web root@203.0.113.7 --copy-host-keys
  mkimage deploy .#web admin@host -p 2222 --secret crypted=./password --extra-files ./files
  mkimage deploy .#web root@host --phases facts --json       what the machine is
  mkimage deploy .#web --vm-test                             the same with a machine of QEMU's
  mkimage deploy .#a root@a .#b root@b --jobs 2 --yes-wipe-all-disks
  mkimage deploy --hosts machines.txt --yes-wipe-all-disks   a machine in each line`;

async function deployAll(requests: readonly DeployRequest[], flags: DeployFlags, signal: AbortSignal): Promise<void> {
  const limit = pLimit(flags.jobs);
  const turns = pLimit(1);
  const several = requests.length > 1;
  const evaluated = several ? await evaluateAll(requests, flags, signal) : undefined;
  const outcomes = await Promise.allSettled(
    requests.map((request) => {
      const name = several ? request.host.destination : undefined;
      return limit(() =>
        reporting(flags, (reporter) => deployOne(request, flags, signal, { reporter, evaluated, inTurn: turns }), name),
      );
    }),
  );
  outcomes.forEach((outcome, index) => {
    if (outcome.status === "fulfilled") report(requests[index] as DeployRequest, outcome.value, flags);
  });
  const failed = outcomes.flatMap((outcome, index) => {
    const name = requests[index]?.host.destination ?? "";
    return outcome.status === "rejected" ? [{ name, reason: outcome.reason as unknown }] : [];
  });
  if (failed.length > 0) throw failureOf(failed, requests.length, "machines");
}

/** All machines of a flake have the same request but for their disks, files and addresses. */
async function evaluateAll(
  requests: readonly DeployRequest[],
  flags: DeployFlags,
  signal: AbortSignal,
): Promise<DeployContext["evaluated"]> {
  const [first] = requests;
  if (first === undefined || (onlyLooks(first.phases) && flags.vmTest !== true)) return undefined;
  const systems = requests.flatMap(({ system }) => system ?? []);
  return await reporting(flags, (reporter) =>
    evaluateTogether(first.build, systems, { ...surroundingsOf(first.build, signal), reporter }),
  );
}

interface Shown extends Pick<DeployContext, "inTurn" | "evaluated"> {
  readonly reporter: Reporter;
}

function deployOne(
  request: DeployRequest,
  flags: DeployFlags,
  signal: AbortSignal,
  { reporter, inTurn, evaluated }: Shown,
): Promise<Deployed> {
  return deploy(request, {
    ...surroundingsOf(request.build, signal),
    reporter,
    inTurn,
    evaluated,
    machines,
    dialogue: dialogueOf(flags, reporter, signal),
    // Nobody misses what is on a disk of such a machine.
    yesWipeAllDisks: flags.yesWipeAllDisks === true || flags.vmTest === true,
    isTest: flags.vmTest === true,
    dryRun: flags.dryRun === true ? { style: pictureStyle(process.env, process.stdout) } : undefined,
  });
}

function report({ host }: DeployRequest, deployed: Deployed, { json = false, quiet = false }: DeployFlags): void {
  const { system, facts, disks, proof, times } = deployed;
  if (json) {
    const proven = proof === undefined ? null : { uptimeSeconds: proof.uptimeSeconds };
    return print(
      printableJson({
        version: 1,
        host: host.destination,
        system: system ?? null,
        facts: facts === undefined ? null : factsJson(facts),
        disks,
        proven,
        times,
      }),
    );
  }
  if (!quiet) describe(host.destination, deployed).forEach(print);
}

function describe(destination: string, { system, disks, proof, times }: Deployed): string[] {
  return [
    ...disks.map(({ name, device, report: { bytesWritten, writeSeconds } }) => {
      return `${destination} ${device} is ${name}: ${formatSize(bytesWritten)} sent in ${writeSeconds.toFixed(1)} s, read back`;
    }),
    `${destination}: ${times.map(({ phase, seconds }) => `${phase} ${seconds.toFixed(1)} s`).join(", ")}`,
    ...(proof === undefined ? [] : [`${destination} runs ${system}, up for ${Math.round(proof.uptimeSeconds)} s`]),
  ];
}
