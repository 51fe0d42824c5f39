import { execFileSync } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { findBootDevices } from "../../src/bootloaders/boot-settings.ts";
import { mkimage, runMkimage, testFolder } from "./mkimage.ts";
import { withEachNix } from "../nix/nixes.ts";

const testWithEachNix = withEachNix(test);

// What `mkimage install` changes in a configuration for the disks of this machine. The flake takes modules as nixpkgs'
// `nixosSystem` does; no disk is touched.

const elsewhere = "/dev/disk/by-id/of-another-machine";
const here = "/dev/disk/by-id/of-this-machine";

function flake(t: ExecutionContext): string {
  const folder = join(testFolder(t), "flake");
  const demo = execFileSync(join(import.meta.dirname, "../../fixtures/build"), ["--flake"], { encoding: "utf8" });
  cpSync(demo.trim(), folder, { recursive: true });
  writeFileSync(
    join(folder, "flake.nix"),
    `{ outputs = _: { nixosConfigurations.host = let
      loaders = import ./loaders.nix;
      merged = modules: path: default: let
        found = builtins.filter (one: one != null) (map (module:
          builtins.foldl' (set: name: if set == null then null else set.\${name} or null) module path) modules);
      in if found == [ ] then default else (builtins.head found).content or (builtins.head found);
      make = modules: let
        devices = merged modules [ "boot" "loader" "grub" "devices" ] [ "${elsewhere}" ];
        base = import ./system.nix ({
          name = merged modules [ "networking" "hostName" ] "host";
        } // loaders.grub { inherit devices; efi = false; });
      in base // {
        config = base.config // { disko.devices.disk.main = { device = "${elsewhere}"; content = {
          type = "gpt"; device = "${elsewhere}"; partitions = {
            boot = { type = "EF02"; size = "1M"; };
            root = { size = "100%"; content = { type = "filesystem"; format = "ext4"; mountpoint = "/"; }; };
          };
        }; }; };
        extendModules = { modules }: make modules;
      };
    in make [ ]; }; }`,
  );
  return folder;
}

/** The system that the script of a dry run copies. */
function systemIn(script: string): string {
  return /nix-env .*--set (\/nix\/store\/\S+)/.exec(script)?.[1] ?? "";
}

testWithEachNix(
  "GRUB goes onto the disk of this machine, and nothing touches the one of the configuration",
  async (t) => {
    const folder = flake(t);
    const { stdout } = await mkimage(t, ["install", "--flake", `${folder}#host`, "--dry-run", "--disk", "main", here]);
    t.true(stdout.includes(`wipe_disk ${here}`));
    t.false(stdout.includes(elsewhere));
    t.deepEqual(findBootDevices(systemIn(stdout)), [here]);

    const same = await mkimage(t, ["install", "--dry-run", "--disk", "main", elsewhere, `${folder}#host`]);
    t.deepEqual(findBootDevices(systemIn(same.stdout)), [elsewhere], "with nothing to change, the system is as it was");
  },
);

testWithEachNix("further settings make another system; where a system takes none, that is said", async (t) => {
  const settings = ["--system-config", '{"networking":{"hostName":"renamed"}}'];
  const folder = flake(t);
  const { stdout } = await mkimage(t, ["install", `${folder}#host`, "--dry-run", "--disk", "main", here, ...settings]);
  t.regex(systemIn(stdout), /nixos-system-demo-renamed-/);
  const demo = execFileSync(join(import.meta.dirname, "../../fixtures/build"), ["--flake"], { encoding: "utf8" });
  const tree = join(testFolder(t), "disk.json");
  writeFileSync(
    tree,
    '{"disk": {"main": {"device": "/dev/null", "content": {"type": "filesystem", "format": "ext4", "mountpoint": "/"}}}}',
  );
  const run = await runMkimage(["install", `${demo.trim()}#none`, "--devices", tree, "--dry-run", ...settings]);
  t.is(run.exitCode, 2);
  t.regex(run.stderr, /takes no further settings/);
});

testWithEachNix("wrong calls are told apart", async (t) => {
  const folder = flake(t);
  const call = async (...words: string[]) => (await runMkimage(["install", "--dry-run", ...words])).stderr;
  t.regex(await call(`${folder}#host`, "--disk", "man", here), /no disk "man"\n.*its disks are main/);
  t.regex(await call(`${folder}#host`, "--flake", "."), /several systems are named/);
  t.regex(await call(`${folder}#host`, "--mode", "wipe"), /Allowed choices are format, mount/);
  t.regex(await call(`${folder}#host`, "--mount-point", "mnt"), /absolute path/);
});
