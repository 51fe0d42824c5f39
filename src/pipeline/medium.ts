import { dirname, join } from "node:path";
import { surveyExt4 } from "../filesystems/ext4/ext4.ts";
import { mediumSerial } from "../guest/nixos-install-job.ts";
import type { Disk } from "../guest/qemu.ts";
import { requireSpace } from "../image/free-space.ts";
import { writeRaw } from "../image/raw.ts";
import { MiB } from "../base/units.ts";
import { emptyDirectory, lookUp } from "../manifest/tree.ts";
import type { Blueprint } from "./plan/blueprint.ts";
import { folderOwnership } from "./plan/manifests.ts";
import { privateTo, withoutPrivate } from "./plan/private-files.ts";
import type { BuildContext } from "./context.ts";

/**
 * Writes the disk that stands for an installation medium: the store with the closure of a system, and a database of Nix in
 * which it is registered. Nix writes to that database, so a guest may too.
 *
 * @throws MkimageError NO_SPACE, SOURCE_CHANGED, INTERRUPTED.
 */
export async function writeMedium({ source }: Blueprint, folder: string, context: BuildContext): Promise<Disk> {
  const root = emptyDirectory(folderOwnership(context.time));
  const nix = lookUp(source.files, "nix");
  if (nix !== undefined) root.entries.set("nix", nix);
  const surveyed = surveyExt4(root, { uuid: mediumUuid, hashSeed: mediumUuid, label: "medium", time: context.time });
  const plan = surveyed.plan(surveyed.smallestSize(roomForNix));
  const path = join(folder, mediumSerial);
  await requireSpace(dirname(path), plan.usedBytes, context.host);
  const image = { size: plan.size, extents: withoutPrivate(plan.extents(), privateTo(source.privateSources)) };
  await context.reporter.task("Writing the store for the guest", (task) =>
    writeRaw(image, path, { signal: context.signal, onProgress: task.progress }),
  );
  return { path, format: "raw", serial: mediumSerial, access: "scratch" };
}

/** Nix reserves 8 MiB beside its database, which it may write anew. */
const roomForNix = 64 * MiB;

const mediumUuid = "6d6b696d-6167-4574-8d65-6469756d0001";
