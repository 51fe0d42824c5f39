import type { Dialogue } from "../machine/confirm.ts";
import type { BuildContext } from "../pipeline/context.ts";
import type { PictureStyle } from "../pipeline/plan/picture/cell.ts";
import type { DeployHost } from "./deploy-host.ts";
import type { DeployRequest } from "./deploy-request.ts";
import type { PhaseClock } from "./phase-clock.ts";
import type { PreparedDeployment } from "./prepare-deployment.ts";

/** The environment of a deployment. */
export interface DeployContext extends BuildContext {
  readonly machines: DeployHost;
  readonly dialogue: Dialogue;
  readonly yesWipeAllDisks: boolean;
  /** Waits until no other deployment asks its user: an answer is for one question. */
  readonly inTurn: <Result>(ask: () => Promise<Result>) => Promise<Result>;
  /** Whether a machine of QEMU's stands for the target. */
  readonly isTest: boolean;
  /** Whether only what would be done is shown, and how layouts are drawn for that. */
  readonly dryRun: { readonly style: PictureStyle } | undefined;
}

/** A deployment that is under way, with all that its phases share. */
export interface Course extends DeployContext {
  readonly request: DeployRequest;
  readonly prepared: PreparedDeployment;
  readonly clock: PhaseClock;
  /** For scratch files. */
  readonly folder: string;
  /** For secrets. */
  readonly memoryFolder: string;
  /** Closed when all is over. */
  readonly connections: AsyncDisposableStack;
}
