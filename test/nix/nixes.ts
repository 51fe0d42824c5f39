import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { ExecutionContext, TestFn } from "ava";
import { isLong } from "../together/is-long.ts";

/** A Nix that tests ask. */
export interface NixVersion {
  /** For titles of tests, and folders. */
  readonly name: string;
  /** The folder of its programs; `undefined` for the one that is installed. */
  readonly folder: string | undefined;
}

/**
 * Every Nix that is asked, over one store, whose database all of them know: Debian 12's 2.8, Debian 13's 2.26, and sid's in
 * the long variant.
 */
export const nixes: readonly NixVersion[] = [
  { name: "installed", folder: undefined },
  unpackedNix("trixie"),
  ...(isLong ? [unpackedNix("sid")] : []),
];

function unpackedNix(suite: string): NixVersion {
  const script = join(import.meta.dirname, "../../fixtures/other-tools");
  return { name: suite, folder: execFileSync(script, [suite, "nix"], { encoding: "utf8" }).trim() };
}

/** PATH with a Nix before all others. */
export function pathWith({ folder }: NixVersion): string {
  const path = process.env["PATH"] ?? "";
  return folder === undefined ? path : `${folder}:${path}`;
}

/** Returns what declares a test of a file for each Nix, which is the first in PATH while the test runs. */
export function withEachNix(test: TestFn) {
  return (title: string, body: (t: ExecutionContext, nix: NixVersion) => Promise<void> | void): void => {
    for (const nix of nixes)
      test.serial(`${title} (${nix.name} Nix)`, (t) => withPath(pathWith(nix), () => body(t, nix)));
  };
}

async function withPath(path: string, body: () => Promise<void> | void): Promise<void> {
  const before = process.env["PATH"];
  process.env["PATH"] = path;
  try {
    await body();
  } finally {
    process.env["PATH"] = before;
  }
}
