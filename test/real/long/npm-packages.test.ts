import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { testFolder } from "../mkimage.ts";
import { makeNixScene } from "../nix-scene.ts";

// The packages of npm that the flake's program is made of: their hashes in nix/npm-packages.nix are what npm brings today, for
// each of the machines. The registry is asked.

for (const system of ["x86_64-linux", "aarch64-linux"]) {
  test.serial(`what npm installs for ${system} has the hash that the flake expects`, (t) => {
    const { clone, run } = makeNixScene(testFolder(t));
    const attribute = (name: string) =>
      run(
        "nix",
        "eval",
        "--raw",
        "--no-write-lock-file",
        `path:${clone}#packages.${system}.default.npmPackages.${name}`,
      );
    const work = join(clone, "../work");
    mkdirSync(work);
    const out = join(clone, "../packages");
    const script = run(
      "nix",
      "eval",
      "--raw",
      "--no-write-lock-file",
      `path:${clone}#packages.${system}.default.npmPackages.args`,
      "--apply",
      "args: builtins.elemAt args 2",
    );
    // As the derivation runs it, with this machine's npm.
    execFileSync("bash", ["-eu", "-c", script], {
      cwd: work,
      env: {
        ...process.env,
        NIX_BUILD_TOP: work,
        nativeBuildInputs: "",
        packageJson: attribute("packageJson"),
        packageLock: attribute("packageLock"),
        cpu: attribute("cpu"),
        out,
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    t.is(run("nix-hash", "--type", "sha256", "--base32", out).trim(), attribute("outputHash"));
  });
}
