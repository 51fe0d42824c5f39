import { execFileSync } from "node:child_process";
import { join } from "node:path";

const build = join(import.meta.dirname, "../../fixtures/build");

/** Runs fixtures/build, and returns the lines that it printed. */
export function buildFixtures(...arguments_: string[]): string[] {
  const output = execFileSync(build, arguments_, { encoding: "utf8", cwd: "/", stdio: ["ignore", "pipe", "inherit"] });
  return output.trim().split("\n");
}

/** The toplevel of a variant of the demo system. */
export function demoSystem(name: string): string {
  return buildFixtures(name)[0] as string;
}

/** Nix as fixtures/build configures it: without a network, a sandbox or build users. */
export const offlineNix = {
  ...process.env,
  NIX_CONFIG: [
    "build-users-group =",
    "sandbox = false",
    "substitute = false",
    "experimental-features = nix-command flakes",
  ].join("\n"),
};

/** Runs a program and returns what it printed. */
export function command(program: string, ...arguments_: string[]): string {
  return execFileSync(program, arguments_, { encoding: "utf8", env: offlineNix, stdio: ["ignore", "pipe", "pipe"] });
}

/** The store paths that a system needs. */
export function closureOf(toplevel: string): string[] {
  return command("nix-store", "--query", "--requisites", toplevel).trim().split("\n");
}
