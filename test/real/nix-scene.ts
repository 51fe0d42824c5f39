import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type NixVersion, pathWith } from "../nix/nixes.ts";
import { offlineNix } from "./mkimage.ts";

const project = join(import.meta.dirname, "../..");

/** A clone of the project and a stand-in for nixpkgs, whose programs are in the store and need nothing else. */
export interface NixScene {
  readonly clone: string;
  readonly nixpkgs: string;
  /** A program that has to succeed: Nix builds in its sandbox, which has what that of NixOS has. Gives standard output. */
  run(program: string, ...words: readonly string[]): string;
  /** The same with another Nix. What the first has built it finds built, unless it is to build it again. */
  by(nix: NixVersion): NixScene;
}

export function makeNixScene(folder: string): NixScene {
  const clone = join(folder, "clone");
  cloneInto(clone);
  const nixpkgs = execute({}, join(project, "fixtures/nixpkgs/make"), join(folder, "made")).trim();
  const settings = { NIX_CONFIG: [sandbox, registryIn(folder, { nixpkgs, mkimage: clone })].join("\n") };
  const scene = (environment: Readonly<Record<string, string>>): NixScene => ({
    clone,
    nixpkgs,
    run: (program, ...words) => execute(environment, program, ...words),
    by: (nix) => scene({ ...settings, PATH: pathWith(nix) }),
  });
  return scene(settings);
}

/** Without its history and without what was built in it. */
function cloneInto(clone: string): void {
  mkdirSync(clone);
  for (const name of ["flake.nix", "default.nix", "nix", "src", "tools", "vm", "package.json", "package-lock.json"]) {
    execFileSync("cp", ["-r", join(project, name), clone]);
  }
  execFileSync("cp", [join(project, "tsconfig.json"), clone]);
}

/** Debian's Nix comes without the shell that Nix's own sandbox has. */
const sandbox = [
  offlineNix.NIX_CONFIG,
  "sandbox = true",
  "sandbox-fallback = false",
  "sandbox-paths = /bin/sh=/usr/bin/busybox",
].join("\n");

/** The setting with what flakes are called: the one that Nix comes with is on the network. */
function registryIn(folder: string, flakes: Readonly<Record<string, string>>): string {
  const path = join(folder, "registry.json");
  const entries = Object.entries(flakes).map(([id, place]) => ({
    from: { type: "indirect", id },
    to: { type: "path", path: place },
  }));
  writeFileSync(path, JSON.stringify({ version: 2, flakes: entries }));
  return `flake-registry = ${path}`;
}

/** Nothing of this environment is passed on but what Nix needs. */
function execute(settings: Readonly<Record<string, string>>, program: string, ...words: readonly string[]): string {
  const environment = { PATH: process.env["PATH"], HOME: "/homeless", ...offlineNix, ...settings };
  return execFileSync(program, words, { encoding: "utf8", env: environment, stdio: ["ignore", "pipe", "pipe"] });
}
