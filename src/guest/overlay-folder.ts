import { existsSync } from "node:fs";
import { tmpdir } from "node:os";

/**
 * The environment in which QEMU finds a folder for its throw-away overlays where there is no /var/tmp, as in a sandbox.
 *
 * Source: QEMU's block.c: it takes TMPDIR, but /var/tmp in place of a /tmp that is called so.
 */
export function overlayEnvironment(): Record<string, string> {
  return existsSync("/var/tmp") ? {} : { TMPDIR: `${tmpdir()}/.` };
}
