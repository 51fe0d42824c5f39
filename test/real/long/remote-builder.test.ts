import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { buildFixtures } from "../fixtures-build.ts";
import { judge, testFolder } from "../mkimage.ts";
import { makeNixScene } from "../nix-scene.ts";

// A fleet that Nix has another store build: one that begins empty, has no KVM, and is asked for no feature.

const hosts = Array.from({ length: 10 }, (_, index) => `host${index}`);

/** The fleet, and a host whose bootloader a guest installs; images that no earlier run has left in the store. */
const outputs = `{ nixpkgs, mkimage, demo, ... }: let
  toplevelOf = variant: demo.nixosConfigurations.\${variant}.config.system.build.toplevel;
  systemOf = variant: hostName: nixpkgs.lib.nixosSystem { modules = [
    mkimage.nixosModules.default
    { system.build.toplevel = toplevelOf variant; networking = { inherit hostName; }; }
  ]; };
  settings = { format = "qcow2"; additionalSpace = "8M"; seed = "${randomUUID()}"; };
in { packages.x86_64-linux = mkimage.lib.makeFleet (settings // {
  hosts = nixpkgs.lib.genAttrs [ ${hosts.map((host) => `"${host}"`).join(" ")} ] (systemOf "systemd-boot");
  partition = "efi";
}) // mkimage.lib.makeFleet (settings // { hosts.grub = systemOf "grub" "grub"; partition = "legacy"; }); }`;

test.serial("ten hosts and one with GRUB are built by a remote builder that has nothing and no KVM", (t) => {
  const { clone, nixpkgs, run } = makeNixScene(testFolder(t));
  const [user, other] = ["user", "other"].map((name) => join(clone, "..", name)) as [string, string];
  mkdirSync(user);
  const inputs = [
    `nixpkgs.url = "path:${nixpkgs}"`,
    `mkimage = { url = "path:${clone}"; inputs.nixpkgs.follows = "nixpkgs"; }`,
    `demo.url = "path:${buildFixtures("--flake")[0]}"`,
  ];
  writeFileSync(join(user, "flake.nix"), `{ inputs = { ${inputs.join("; ")}; }; outputs = ${outputs}; }`);
  const builder = `local?root=${other} x86_64-linux - 2 1`;
  const without = ["--option", "system-features", "", "--max-jobs", "0", "--builders", builder];
  const began = Date.now();
  const names = [...hosts, "grub"];
  const built = names.map((host) => `path:${user}#${host}`);
  run("nix", "build", ...built, "--no-write-lock-file", "--out-link", join(clone, "../image"), ...without);
  t.log(`${Math.round((Date.now() - began) / 1000)} s`);
  // The links are in an order of Nix's own.
  const links = names.map((_, index) => join(clone, `../image${index === 0 ? "" : `-${index}`}`));
  const images = links.map((link) => run("readlink", "-f", link).trim());
  for (const host of names) {
    const output = images.find((path) => path.endsWith(`-${host}`)) ?? host;
    t.true(existsSync(join(other, output, `${host}.qcow2`)), `${host} is the builder's`);
    t.notThrows(() => judge("qemu-img", "check", join(output, `${host}.qcow2`)));
    const products = readFileSync(join(output, "nix-support/hydra-build-products"), "utf8");
    t.is(products, `file qcow2-image ${output}/${host}.qcow2\n`);
  }
});
