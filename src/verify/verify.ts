import { MkimageError } from "../errors.ts";
import { readBoot } from "../inspect/boot/read-boot.ts";
import { closureOf, withDisks } from "../inspect/inspect.ts";
import type { OpenOptions } from "../inspect/open-image.ts";
import type { ReadDisk } from "../inspect/read-disk.ts";
import type { Check } from "./check.ts";
import { type BootCheck, checkBoot } from "./check-boot.ts";
import { checkBootFiles, checkStore } from "./check-contents.ts";
import { checkFilesystem } from "./check-filesystem.ts";
import { checkFormat, failedFormat } from "./check-format.ts";
import { checkFstab } from "./check-fstab.ts";
import { checkReport } from "./check-report.ts";
import { checkTable } from "./check-table.ts";

export interface VerifyRequest {
  /** The disks of one machine. */
  readonly images: readonly string[];
  /** `null`: nothing is booted. */
  readonly boot: BootCheck | null;
  /** Called with each check when it is done. */
  readonly onCheck: (check: Check) => void;
}

/**
 * Checks images, ours or anybody's, without changing them.
 *
 * @returns how many checks failed.
 * @throws MkimageError BAD_REQUEST when there is no such file; NO_SPACE, MISSING_TOOL, INTERRUPTED.
 */
export async function verify(request: VerifyRequest, options: OpenOptions): Promise<number> {
  let failures = 0;
  const report = (check: Check): void => {
    if (check.outcome === "failed") failures += 1;
    request.onCheck(check);
  };
  try {
    await checkAll(request, report, options);
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code !== "BAD_IMAGE") throw error;
    report(failedFormat(error));
  }
  return failures;
}

async function checkAll(request: VerifyRequest, report: (check: Check) => void, options: OpenOptions): Promise<void> {
  await withDisks(request.images, options, async (disks) => {
    for (const disk of disks) await checkDisk(disk, disks.length > 1 ? `${disk.image.name}: ` : "", report, options);
    report(checkStore(await closureOf(disks, options.signal)));
    const boot = readBoot(disks);
    report(checkBootFiles(boot, disks));
    checkReport(disks).forEach(report);
    checkFstab(disks, boot.entries).forEach(report);
    if (request.boot !== null) report(await checkBoot(disks, boot, request.boot, options));
  });
}

async function checkDisk(
  disk: ReadDisk,
  prefix: string,
  report: (check: Check) => void,
  { signal }: OpenOptions,
): Promise<void> {
  const named = (check: Check): void => report({ ...check, subject: `${prefix}${check.subject}` });
  named(checkFormat(disk.image));
  named(await checkTable(disk, signal));
  for (const volume of disk.volumes) named(await checkFilesystem(volume, disk.image, signal));
}
