import { readFileSync } from "node:fs";
import { MkimageError } from "../base/errors.ts";
import type { JobFile, JobStep } from "../guest/job.ts";
import { byteString } from "../base/byte-string.ts";
import { passwordsOf } from "./plan/passwords.ts";
import { refuseCoreDumps } from "../runtime/core-dumps.ts";
import { naming } from "../runtime/naming.ts";
import { systemError } from "../runtime/system-error.ts";
import type { Request } from "../request/schema.ts";

/** The files that a job has in memory only, and the steps that put them where the tree looks for them. */
export interface GuestSecrets {
  readonly files: readonly JobFile[];
  readonly steps: readonly JobStep[];
}

/**
 * Reads the files and passwords that a guest needs while it makes disks.
 *
 * @throws MkimageError BAD_REQUEST listing every file that cannot be read; what is in them is never shown.
 */
export function readGuestSecrets(request: Request): GuestSecrets {
  const { preFormatFiles } = request;
  refuseCoreDumps();
  const faults: string[] = [];
  const read = (path: string): Uint8Array => {
    try {
      return naming(path, () => readFileSync(path));
    } catch (error) {
      faults.push(systemError(error)?.message ?? `${path}: ${(error as Error).message}`);
      return new Uint8Array();
    }
  };
  const placed = preFormatFiles.map(([from], index) => ({ path: `secrets/file.${index}`, bytes: read(from) }));
  const passwords = passwordsOf(request).map(({ path, from }) => ({ path, bytes: read(from) }));
  if (faults.length > 0) throw new MkimageError("BAD_REQUEST", "some secrets cannot be read", { details: faults });
  return {
    files: [...placed, ...passwords].map(({ path, bytes }) => ({ path: byteString(path), bytes })),
    steps: preFormatFiles.map(([, to], index) => ({
      title: `put a file at ${to}`,
      argv: ["/vm/place-file", `/job/secrets/file.${index}`, to],
    })),
  };
}
