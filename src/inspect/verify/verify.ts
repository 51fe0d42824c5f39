import { MkimageError } from "../../base/errors.ts";
import { readBoot } from "../boot/read-boot.ts";
import { closureOf, withDisks } from "../inspect.ts";
import type { OpenOptions } from "../../image/reading/open-image.ts";
import type { ReadDisk } from "../read-disk.ts";
import { type Check, noted } from "./check.ts";
import { type BootCheck, checkBoot } from "./check-boot.ts";
import { checkBootFiles, checkStore } from "./check-contents.ts";
import { checkFilesystem } from "./check-filesystem.ts";
import { checkFormat, failedFormat } from "./check-format.ts";
import { checkFstab } from "./check-fstab.ts";
import { checkReport } from "./check-report.ts";
import { checkTable } from "./check-table.ts";
import { type CheckedDisk, checkUnderstood } from "./check-understood.ts";

interface VerifyRequest {
  /** The disks of one machine. */
  readonly images: readonly string[];
  /** `null`: nothing is booted. */
  readonly boot: BootCheck | null;
  /** Whether disks and partitions may hold what is not understood. */
  readonly allowUnknown: boolean;
  /** Called with each check when it is done. */
  readonly onCheck: (check: Check) => void;
}

/** How many checks say so. */
export interface Verdict {
  readonly failed: number;
  readonly unknown: number;
}

/**
 * Checks images, ours or anybody's, without changing them.
 *
 * @returns how many checks failed, and how many say that nothing was understood.
 * @throws MkimageError BAD_REQUEST when there is no such file; NO_SPACE, MISSING_TOOL, INTERRUPTED.
 */
export async function verify(request: VerifyRequest, options: OpenOptions): Promise<Verdict> {
  const verdict = { failed: 0, unknown: 0 };
  const report = (found: Check): void => {
    const check = request.allowUnknown && found.outcome === "unknown" ? noted(found.subject, found.text) : found;
    if (check.outcome === "failed" || check.outcome === "unknown") verdict[check.outcome] += 1;
    request.onCheck(check);
  };
  try {
    await checkAll(request, report, options);
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code !== "BAD_IMAGE") throw error;
    report(failedFormat(error));
  }
  return verdict;
}

async function checkAll(request: VerifyRequest, report: (check: Check) => void, options: OpenOptions): Promise<void> {
  await withDisks(request.images, options, async (disks) => {
    const checked: CheckedDisk[] = [];
    for (const disk of disks) {
      const prefix = disks.length > 1 ? `${disk.image.name}: ` : "";
      checked.push({ disk, checks: await checkDisk(disk, prefix, report, options) });
    }
    checkUnderstood(checked).forEach(report);
    report(checkStore(await closureOf(disks, options.signal)));
    const boot = readBoot(disks);
    report(checkBootFiles(boot, disks));
    checkReport(disks).forEach(report);
    checkFstab(disks, boot.entries).forEach(report);
    if (request.boot !== null) report(await checkBoot(disks, boot, request.boot, options));
  });
}

/** The checks of the table and of the contents: that the image could be opened says nothing about what is in it. */
async function checkDisk(
  disk: ReadDisk,
  prefix: string,
  report: (check: Check) => void,
  { signal }: OpenOptions,
): Promise<Check[]> {
  const named = (check: Check): Check => ({ ...check, subject: `${prefix}${check.subject}` });
  const checks: Check[] = [];
  const add = (check: Check): void => {
    checks.push(named(check));
    report(named(check));
  };
  report(named(checkFormat(disk.image)));
  add(await checkTable(disk, signal));
  for (const volume of disk.volumes) add(await checkFilesystem(volume, disk.image, signal));
  return checks;
}
