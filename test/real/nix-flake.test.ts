import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { judge, offlineNix, testFolder } from "./mkimage.ts";

const project = join(import.meta.dirname, "../..");

/** A program that has to succeed, and nothing of this environment but what Nix needs. */
function run(program: string, ...words: readonly string[]): string {
  const environment = { PATH: process.env["PATH"], HOME: "/homeless", ...offlineNix };
  return execFileSync(program, words, { encoding: "utf8", env: environment, stdio: ["ignore", "pipe", "inherit"] });
}

/** A clone without its history and without what was built in it. */
function cloneWithNixpkgs(t: ExecutionContext): { readonly clone: string; readonly nixpkgs: string } {
  const folder = testFolder(t);
  const clone = join(folder, "clone");
  mkdirSync(clone);
  for (const name of [
    "flake.nix",
    "default.nix",
    "nix",
    "src",
    "tools",
    "vm",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
  ]) {
    execFileSync("cp", ["-r", join(project, name), clone]);
  }
  const nixpkgs = run(join(project, "fixtures/nixpkgs/make"), join(folder, "made")).trim();
  return { clone, nixpkgs };
}

test("the flake's package is built offline, and the program runs with an empty environment", (t) => {
  const { clone, nixpkgs } = cloneWithNixpkgs(t);
  const words = ["--no-write-lock-file", "--override-input", "nixpkgs", `path:${nixpkgs}`];
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
});
