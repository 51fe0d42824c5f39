import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { demoSystem, judge, mkimage, reportOf, runMkimage, testFolder } from "./mkimage.ts";

// What a configuration says of the images that are made of it: disko's image builder, and nixpkgs' image options.

/** A flake with a system whose configuration has more; extended, it is another one of the demo's. */
function flakeWith(t: ExecutionContext, more: string, rest = "{ }"): string {
  const folder = join(testFolder(t), "flake");
  const demo = execFileSync(join(import.meta.dirname, "../../fixtures/build"), ["--flake"], { encoding: "utf8" });
  cpSync(demo.trim(), folder, { recursive: true });
  const host = `let
    demo = import ./configurations.nix;
    config = base: base.config // (${more});
    machine = demo.none // { config = config demo.none; };
  in machine // { extendModules = { modules }:
    assert modules == [ { is = "for images"; } ];
    demo.ext4-swap // { config = config demo.ext4-swap; };
  } // ${rest}`;
  writeFileSync(join(folder, "flake.nix"), `{ outputs = _: { nixosConfigurations.host = ${host}; }; }`);
  return `${folder}#host`;
}

const disk = `devices.disk.main.content = { type = "filesystem"; format = "ext4"; mountpoint = "/"; };`;

const tool = `derivation {
  name = "tool"; system = builtins.currentSystem or "x86_64-linux"; builder = "/bin/sh";
  args = [ "-c" "PATH=/usr/bin:/bin; mkdir -p $out/bin; printf '#!/bin/sh\\necho said by the tool\\n' >$out/bin/a-tool; chmod +x $out/bin/a-tool" ];
}`;

test.serial(
  "disko's image builder is heard: the system of images, their format, name and hook with its programs",
  async (t) => {
    const builder = `memSize = 512; imageBuilder = {
    name = "host-images"; imageFormat = "qcow2"; extraConfig.is = "for images";
    extraPostVM = "a-tool >$out/said"; extraDependencies = [ (${tool}) ]; copyNixStore = true; };`;
    const flake = flakeWith(t, `{ disko = { ${disk} ${builder} }; }`);
    const out = join(testFolder(t), "out");
    const request = ["--additional-space", "8M", "--no-install-boot-loader"];
    const { stderr } = await mkimage(t, ["build", flake, ...request, "--out", out]);
    t.is(JSON.parse(judge("qemu-img", "info", "--output=json", join(out, "main.qcow2"))).format, "qcow2");
    t.is(readFileSync(join(out, "said"), "utf8"), "said by the tool\n");
    const report = JSON.parse(readFileSync(join(out, "image.json"), "utf8"));
    t.is(report.name, "host-images");
    t.is(report.system.toplevel, demoSystem("ext4-swap"), "the system that extraConfig has changed");
    t.false(/is not heard/.test(stderr), stderr);

    const plain = join(testFolder(t), "out");
    const asked = ["--format", "raw", "--post-vm", "", "--name", "mine", "--out", plain];
    await mkimage(t, ["build", flake, ...request, ...asked]);
    t.true(existsSync(join(plain, "main.img")));
    t.false(existsSync(join(plain, "said")));
    t.like(reportOf(plain), { name: "mine" });

    const other = await mkimage(t, ["plan", flake, "--partition", "none", "--no-install-boot-loader", "--json"]);
    t.is(
      JSON.parse(other.stdout).system.toplevel,
      demoSystem("none"),
      "extraConfig is for the images of disko.devices",
    );
    t.regex(
      other.stderr,
      /"note","text":"disko\.imageBuilder \(extraConfig, extraPostVM, imageFormat = qcow2\) is not heard/,
    );
  },
);

test.serial("a hook's program that cannot be built is said before anything is made", async (t) => {
  const broken = tool.replace("mkdir -p", "echo no such tool >&2; exit 1; mkdir -p").replace('"tool"', '"broken-tool"');
  const builder = `imageBuilder = { extraPostVM = "a-tool"; extraDependencies = [ (${broken}) ]; };`;
  const flake = flakeWith(t, `{ disko = { ${disk} ${builder} }; }`);
  const folder = testFolder(t);
  const run = await runMkimage(["build", flake, "--out", join(folder, "out"), "--no-install-boot-loader"]);
  t.is(run.exitCode, 3, run.stderr);
  t.regex(run.stderr, /building .*-broken-tool for the hook failed/);
  t.regex(run.stderr, /no such tool/);
  t.deepEqual(readdirSync(folder), []);
});

test.serial("image.baseName names the image of a partition table, where somebody has set it", async (t) => {
  const names = async (rest: string, ...asked: readonly string[]) => {
    const flake = flakeWith(t, '{ image.baseName = "web-server"; }', rest);
    const out = join(testFolder(t), "out");
    await mkimage(t, ["build", flake, "--partition", "none", "--additional-space", "8M", ...asked, "--out", out]);
    return readdirSync(out).filter((name) => name.endsWith(".img"));
  };
  t.deepEqual(await names("{ }"), ["web-server.img"]);
  t.deepEqual(await names("{ options.image.baseName.highestPrio = 1500; }"), ["nixos.img"]);
  t.deepEqual(await names("{ options.image.baseName.highestPrio = 100; }"), ["web-server.img"]);
  t.deepEqual(await names("{ }", "--base-name", "mine"), ["mine.img"]);
});
