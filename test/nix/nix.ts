import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Nix as root on a machine with nothing set up: no builders' group, no sandbox, no network. */
export function useOfflineNix(): void {
  process.env["NIX_CONFIG"] =
    "build-users-group =\nsandbox = false\nsubstitute = false\nexperimental-features = nix-command flakes\n";
}

/** A fresh folder for one test file. */
export function scratchFolder(): string {
  return mkdtempSync(join(tmpdir(), "mkimage-test-system-"));
}

/** Builds a Nix expression and gives its store path. */
export function nixBuild(folder: string, expression: string): string {
  const file = join(folder, "expression.nix");
  writeFileSync(file, expression);
  return execFileSync("nix-build", ["--no-out-link", file], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();
}

/** A derivation as a Nix expression whose builder is a line of shell. Each Nix builds one of its own. */
export function derivation(name: string, script: string): string {
  return `derivation {
    name = "${name}";
    by = builtins.nixVersion;
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ "-c" ''PATH=/usr/bin:/bin; ${script}'' ];
  }`;
}

/** Two store paths: `beta` refers to itself and to `alpha`. */
export const alphaAndBeta = `let alpha = ${derivation("alpha", "mkdir -p $out/bin; echo hi > $out/bin/x; chmod +x $out/bin/x; ln -s x $out/bin/y; echo data > $out/data")};
in ${derivation("beta", "mkdir $out; echo ${alpha} > $out/ref; echo $out > $out/self")}`;
