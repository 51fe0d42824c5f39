import { MkimageError } from "../base/errors.ts";

/** Throws MkimageError USAGE unless we are root. */
export function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new MkimageError("USAGE", "only root may change the disks of this machine", {
    hint: "run it with sudo, or look at the script first: --dry-run",
  });
}
