import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { nixes } from "../nix/nixes.ts";
import { judge, testFolder } from "./mkimage.ts";
import { makeNixScene, type NixScene } from "./nix-scene.ts";

const project = join(import.meta.dirname, "../..");

test("the flake's package is built offline, and the program runs with an empty environment", (t) => {
  const scene = makeNixScene(testFolder(t));
  const { clone, nixpkgs, run } = scene;
  const words = ["--no-write-lock-file"];
  const link = join(clone, "../package");
  run("nix", "build", `path:${clone}`, ...words, "--out-link", link);
  const bundled = readFileSync(join(link, "lib/mkimage/dist/mkimage.cjs"));
  t.true(bundled.equals(readFileSync(join(project, "dist/mkimage.cjs"))), "make and Nix make the same program");
  const alone = (...options: readonly string[]) =>
    execFileSync(join(link, "bin/mkimage"), options, { encoding: "utf8", env: { HOME: clone } });
  t.regex(alone("--version"), /^\d+\.\d+\.\d+\n$/);

  const tree = join(clone, "../tree");
  mkdirSync(tree);
  writeFileSync(join(tree, "hello"), "hello\n");
  const out = join(clone, "../out");
  alone("build", "--root", tree, "--partition", "none", "--format", "qcow2", "--out", out, "--quiet");
  t.notThrows(() => judge("qemu-img", "check", join(out, "nixos.qcow2")));

  for (const name of ["bash-completion/completions/mkimage", "zsh/site-functions/_mkimage", "man/man1/mkimage.1"]) {
    t.true(existsSync(join(link, "share", name)), name);
  }
  asPeopleHaveIt(t, scene, alone("--version"));
  t.is(
    run("nix-build", join(clone, "default.nix"), "--no-out-link", "--arg", "pkgs", `import ${nixpkgs} { }`).trim(),
    run("readlink", "-f", link).trim(),
    "default.nix makes the same store path",
  );
  for (const nix of nixes.slice(1)) {
    const other = scene.by(nix);
    const built = other.run("nix", "build", `path:${clone}`, ...words, "--no-link", "--print-out-paths");
    t.is(built, run("readlink", "-f", link), nix.name);
    asPeopleHaveIt(t, other, alone("--version"), nix.name);
  }
});

/** Runs it, puts it into a shell's PATH, and installs it. */
function asPeopleHaveIt(t: ExecutionContext, { clone, run }: NixScene, version: string, name = "installed"): void {
  const flake = [`path:${clone}`, "--no-write-lock-file"];
  t.is(run("nix", "run", ...flake, "--", "--version"), version, name);
  t.is(run("nix", "shell", ...flake, "--command", "mkimage", "--version"), version, name);
  const profile = join(clone, "..", `profile-${name}`);
  run("nix", "profile", "install", "--profile", profile, ...flake);
  t.is(execFileSync(join(profile, "bin/mkimage"), ["--version"], { encoding: "utf8" }), version, name);
}

test("nix flake check passes, and what a template makes is a flake that evaluates", (t) => {
  const scene = makeNixScene(testFolder(t));
  const { clone } = scene;
  const words = ["--no-write-lock-file"];
  for (const nix of nixes) {
    const { run } = scene.by(nix);
    t.notThrows(() => run("nix", "flake", "check", `path:${clone}`, ...words), nix.name);
    templates(t, scene.by(nix), join(clone, "..", nix.name));
  }
});

/** Makes a flake of each template, and evaluates it. */
function templates(t: ExecutionContext, { clone, run }: NixScene, place: string): void {
  const words = ["--no-write-lock-file"];
  for (const [name, images] of [
    ["host", ["default"]],
    ["fleet", ["database", "web"]],
  ] as const) {
    const folder = join(place, name);
    run("nix", "flake", "new", folder, "--template", `path:${clone}#${name}`);
    t.notThrows(() => run("nix", "flake", "check", "--no-build", `path:${folder}`, ...words), name);
    const apply = ["--apply", "builtins.attrNames", "--json"];
    t.deepEqual(JSON.parse(run("nix", "eval", `path:${folder}#packages.x86_64-linux`, ...words, ...apply)), images);
  }
}

/** A user's flake, with an image of each of our functions for another machine than this one, and the overlay's program. */
const ofAnotherMachine = `{ nixpkgs, mkimage, ... }: let
  system = "aarch64-linux";
  pkgs = nixpkgs.legacyPackages.\${system};
  host = nixpkgs.lib.nixosSystem {
    inherit system;
    modules = [
      mkimage.nixosModules.default
      { system.build.toplevel = pkgs.writeText "toplevel" "of NixOS"; mkimage.partition = "efi"; }
    ];
  };
in { packages = {
  module = host.config.system.build.mkimage;
  inherit (mkimage.lib.makeFleet { hosts.web = host; partition = "efi"; }) web;
  function = mkimage.lib.makeDiskImage {
    inherit pkgs; inherit (nixpkgs) lib; inherit (host) config; partitionTableType = "efi"; copyChannel = false;
  };
  overlay = (mkimage.overlays.default pkgs pkgs).mkimage;
}; }`;

test("for aarch64-linux all that the flake has evaluates, and each derivation of it is for that machine", (t) => {
  const scene = makeNixScene(testFolder(t));
  const { clone, nixpkgs } = scene;
  const user = join(clone, "../user");
  mkdirSync(user);
  const inputs = `nixpkgs.url = "path:${nixpkgs}"; mkimage = { url = "path:${clone}"; inputs.nixpkgs.follows = "nixpkgs"; };`;
  writeFileSync(join(user, "flake.nix"), `{ inputs = { ${inputs} }; outputs = ${ofAnotherMachine}; }`);
  for (const nix of nixes) {
    const { run } = scene.by(nix);
    const pathOf = (attribute: string) =>
      run("nix", "eval", "--raw", "--no-write-lock-file", `path:${attribute}.drvPath`);
    const packages = Object.fromEntries(
      ["module", "web", "function", "overlay"].map((name) => [name, pathOf(`${user}#packages.${name}`)]),
    );
    const own = pathOf(`${clone}#packages.aarch64-linux.default`);
    t.is(packages["overlay"], own, "the overlay's program is the package");
    t.is(pathOf(`${clone}#hydraJobs.mkimage.aarch64-linux`), own, "as is Hydra's job");
    const others = [
      ...["package", "build"].map((name) => `checks.aarch64-linux.${name}`),
      "devShells.aarch64-linux.default",
    ];
    for (const path of [own, ...Object.values(packages), ...others.map((name) => pathOf(`${clone}#${name}`))]) {
      const needed = run("nix-store", "--query", "--requisites", path).trim().split("\n");
      const derivations = needed.filter((one) => one.endsWith(".drv"));
      t.true(derivations.length > 2);
      const systems = derivations.map((one) => /\],"([a-z0-9_]+-linux)","/.exec(readFileSync(one, "latin1"))?.[1]);
      t.deepEqual([...new Set(systems)], ["aarch64-linux"], `${path} (${nix.name} Nix)`);
      t.true(derivations.some((one) => one.endsWith("-mkimage-npm-packages-arm64.drv")) || path.endsWith("-shell.drv"));
    }
  }
});
