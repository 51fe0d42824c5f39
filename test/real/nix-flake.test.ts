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
  t.is(run("nix", "run", `path:${clone}`, ...words, "--", "--version"), alone("--version"));
  t.is(
    run("nix-build", join(clone, "default.nix"), "--no-out-link", "--arg", "pkgs", `import ${nixpkgs} { }`).trim(),
    run("readlink", "-f", link).trim(),
    "default.nix makes the same store path",
  );
  for (const nix of nixes.slice(1)) {
    const other = scene.by(nix);
    const flake = [`path:${clone}`, ...words];
    t.is(other.run("nix", "build", ...flake, "--no-link", "--print-out-paths"), run("readlink", "-f", link), nix.name);
    t.is(other.run("nix", "run", ...flake, "--", "--version"), alone("--version"), nix.name);
  }
});

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
