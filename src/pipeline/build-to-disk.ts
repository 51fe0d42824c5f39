import { MkimageError } from "../base/errors.ts";
import { checkDevice, type DeviceRequest } from "../machine/approve-device.ts";
import { confirmDevice, describeForPeople, type Dialogue } from "../machine/confirm.ts";
import type { Device, ProtectedPath } from "../machine/device.ts";
import type { DeviceReport } from "../machine/write-device.ts";
import type { DevicePlace } from "../machine/device-place.ts";
import { imageOf } from "../image/disk-source.ts";
import { describePlan } from "./plan/describe.ts";
import { shapeOf } from "./plan/disk-shape.ts";
import type { PictureStyle } from "./plan/picture/cell.ts";
import { requireKeys } from "./plan/require-keys.ts";
import type { Request } from "../request/schema.ts";
import { storeFolder } from "../nix/store-path.ts";
import type { BuildContext } from "./context.ts";
import { finalDisk } from "./final-disk.ts";
import { type Draft, draft } from "./draft.ts";
import { install } from "./install.ts";
import { refuseOtherOutputs } from "./refuse-other-outputs.ts";

/** A disk that a system is built straight onto. */
interface DiskTarget {
  readonly place: DevicePlace;
  readonly path: string;
  readonly allowPartition?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly expectSize?: number | undefined;
  readonly dryRun?: boolean | undefined;
  /** How a dry run shows the layout. */
  readonly style: PictureStyle;
}

/**
 * Builds a system straight onto a disk, laid out for its real size and sectors, with no image file in between. Undefined
 * after a dry run.
 *
 * @throws MkimageError as `build` and `DevicePlace.write` do; REFUSED_DEVICE before anything is written.
 */
export async function buildToDisk(
  request: Request,
  system: string | undefined,
  target: DiskTarget,
  dialogue: Dialogue,
  context: BuildContext,
): Promise<DeviceReport | undefined> {
  refuseOtherOutputs(request, "write-to-disk");
  const wanted: DeviceRequest = { ...target, protectedPaths: sourcesOf(request) };
  const device = await checkDevice(wanted, target.place);
  const workspace = await context.host.openTemporaryWorkspace();
  try {
    const shape = shapeOf(device);
    const fitted = { ...request, sectorSize: shape.sectorSize };
    const drafted = await draft(fitted, system, workspace.folder, context, [shape]);
    if (target.dryRun === true) return describe(device, drafted, target.style, dialogue);
    requireKeys(drafted.blueprint);
    await confirmDevice(device, target, dialogue);
    const installed = await install(drafted, workspace.folder, context);
    const [layout] = installed.plan.layout.disks;
    if (layout === undefined) throw new MkimageError("INTERNAL", "a plan without a disk");
    const disk = await finalDisk(installed, layout, workspace.folder);
    return await target.place.write(device, imageOf(disk), context);
  } finally {
    workspace.remove();
  }
}

/** Lists the sources of the system, which writing must not destroy. */
function sourcesOf({ root, contents, postFormatFiles }: Request): ProtectedPath[] {
  const files = [root ?? [], contents.map(({ source }) => source), postFormatFiles.map(([from]) => from)].flat();
  return [{ what: "the Nix store", path: storeFolder }, ...files.map((path) => ({ what: "a source", path }))];
}

function describe(device: Device, { blueprint, plan }: Draft, style: PictureStyle, { say }: Dialogue): undefined {
  describeForPeople(device).forEach(say);
  say("would be laid out anew:");
  describePlan(blueprint, plan, style).split("\n").forEach(say);
}
