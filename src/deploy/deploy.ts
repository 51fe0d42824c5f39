import { ramFolder } from "../guest/ram-folder.ts";
import { carryOut, type Deployed } from "./carry-out.ts";
import type { DeployContext } from "./course.ts";
import type { DeployRequest } from "./deploy-request.ts";
import { PhaseClock } from "./phase-clock.ts";
import { prepareDeployment } from "./prepare-deployment.ts";
import { requirePhases } from "./require-phases.ts";

/**
 * Takes a machine from whatever it runs to a system. All that can be resolved, built, checked and laid out is so before
 * anything of it is changed.
 *
 * @throws MkimageError; its hint says in which state the target is.
 */
export async function deploy(request: DeployRequest, context: DeployContext): Promise<Deployed> {
  requirePhases(request.phases);
  const clock = new PhaseClock(request.phases, () => context.machines.now());
  const workspace = await context.host.openTemporaryWorkspace();
  const memory = await context.host.openWorkspace(ramFolder());
  await using connections = new AsyncDisposableStack();
  try {
    const prepared = await prepareDeployment(request, workspace.folder, context);
    const folders = { folder: workspace.folder, memoryFolder: memory.folder };
    return await carryOut({ ...context, ...folders, request, prepared, clock, connections });
  } finally {
    memory.remove();
    workspace.remove();
  }
}
