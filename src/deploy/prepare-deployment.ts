import { devicesByName } from "../machine/install/devices-by-name.ts";
import { MkimageError } from "../base/errors.ts";
import type { BuildContext } from "../pipeline/context.ts";
import { type Draft, draftOf, readSystem } from "../pipeline/draft.ts";
import type { ImageSource, InstalledSystem } from "../pipeline/plan/source.ts";
import { refuseOtherOutputs } from "../pipeline/refuse-other-outputs.ts";
import type { DeployRequest } from "./deploy-request.ts";
import { withExtraFiles } from "./extra-files.ts";

/** All of a deployment that can be known before its target is asked anything. */
export interface PreparedDeployment {
  readonly source: ImageSource;
  readonly system: InstalledSystem;
  /** The image that would be made of it, for disks of any size. */
  readonly draft: Draft;
  /** Where disks are on the target, by name; the others are where the tree says. */
  readonly devices: Readonly<Record<string, string>>;
}

/**
 * Resolves and builds a system, and plans its disks, while nothing is known of the target.
 *
 * @param folder where scratch files are, and what Nix builds is held from.
 * @throws MkimageError as `draft`; BAD_REQUEST for requests that no deployment can carry out.
 */
export async function prepareDeployment(
  { build, system: named, disks, extraFiles }: DeployRequest,
  folder: string,
  context: BuildContext,
): Promise<PreparedDeployment> {
  refuseOtherOutputs(build, "deploy");
  const source = withExtraFiles(await readSystem(build, named, folder, context), extraFiles, context.time);
  const { system } = source;
  if (system === undefined) {
    throw new MkimageError("BAD_REQUEST", "there is no system to deploy: only a store, or a root tree", {
      hint: "name a system; mkimage write ssh://… writes an image of anything",
    });
  }
  const draft = await draftOf(build, source, { ...context, reporter: { ...context.reporter, note: () => {} } });
  return { source, system, draft, devices: devicesByName(draft.blueprint.tree, disks) };
}
