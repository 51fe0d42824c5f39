import { writeFileSync } from "node:fs";
import { ramFolder } from "../guest/ram-folder.ts";
import { byPassword } from "../remote/password.ts";
import { carryOut, type Deployed, lookAtTarget } from "./carry-out.ts";
import type { DeployContext } from "./course.ts";
import type { DeployRequest } from "./deploy-request.ts";
import { hardwareConfiguration } from "./hardware-config.ts";
import { PhaseClock } from "./phase-clock.ts";
import { onlyLooks } from "./phases.ts";
import { prepareDeployment } from "./prepare-deployment.ts";
import { testDeployment } from "./test-machine/test-machine.ts";
import { requirePhases } from "./require-phases.ts";

/**
 * Takes a machine from whatever it runs to a system. All that can be resolved, built, checked and laid out is so before
 * anything of it is changed.
 *
 * @throws MkimageError; its hint says in which state the target is.
 */
export async function deploy(asked: DeployRequest, context: DeployContext): Promise<Deployed> {
  requirePhases(asked.phases);
  const clock = new PhaseClock(asked.phases, context.machines.clock);
  const workspace = await context.host.openTemporaryWorkspace();
  const memory = await context.host.openWorkspace(ramFolder());
  await using connections = new AsyncDisposableStack();
  try {
    const request = withPassword(asked, memory.folder);
    await writeHardwareConfiguration(request, context);
    // What a machine is needs no system, nor the time to build one.
    if (onlyLooks(request.phases) && !context.isTest)
      return await lookAtTarget({ ...context, request, clock, connections });
    const prepared = await prepareDeployment(request, workspace.folder, context);
    const folders = { folder: workspace.folder, memoryFolder: memory.folder };
    const course = { ...context, ...folders, request, prepared, clock, connections };
    return await carryOut(context.isTest ? { ...course, ...(await testDeployment(course)) } : course);
  } finally {
    memory.remove();
    workspace.remove();
  }
}

function withPassword(request: DeployRequest, folder: string): DeployRequest {
  const { passwordFrom, ssh } = request;
  return passwordFrom === undefined ? request : { ...request, ssh: byPassword(ssh, passwordFrom, folder) };
}

/** Comes before the build, since the configuration may import that file. */
async function writeHardwareConfiguration(
  { hardwareConfiguration: path, host, ssh }: DeployRequest,
  { machines, reporter, signal }: DeployContext,
): Promise<void> {
  if (path === undefined) return;
  await using connection = await machines.connect(host, ssh);
  const facts = await machines.askFacts(connection, signal);
  writeFileSync(path, hardwareConfiguration(facts));
  reporter.note(`${path} has the hardware of ${facts.hostname}; a flake sees it once Git tracks it`);
}
