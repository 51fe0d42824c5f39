import test from "ava";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { buildFixtures, command, demoSystem } from "./fixtures-build.ts";

const variants = ["none", "grub", "grub-efi", "grub-both", "systemd-boot", "systemd-boot-xbootldr"];
const toplevels = new Map(variants.map((name) => [name, demoSystem(name)]));
const systemdBoot = toplevels.get("systemd-boot") as string;

function text(...path: string[]): string {
  return readFileSync(join(...path), "utf8");
}

test("building again finds the same systems", (t) => {
  t.deepEqual(buildFixtures(...variants), [...toplevels.values()]);
});

for (const [name, toplevel] of toplevels) {
  test(`${name} has all that an installer looks at`, (t) => {
    t.regex(toplevel, new RegExp(`^/nix/store/[0-9a-z]{32}-nixos-system-demo-${name}-24\\.11\\.demo$`));
    const links = ["kernel", "initrd", "kernel-modules", "firmware", "etc", "sw"];
    for (const link of links) t.regex(readlinkSync(join(toplevel, link)), /^\/nix\/store\//, link);
    const files = ["init", "activate", "system", "nixos-version", "kernel-params", "init-interface-version"];
    for (const file of files) t.true(lstatSync(join(toplevel, file)).isFile(), file);
    t.deepEqual(readdirSync(join(toplevel, "specialisation")), []);
    t.is(text(toplevel, "system"), "x86_64-linux");
    t.regex(text(toplevel, "sw/../etc/os-release"), /^ID=nixos$/m);
  });

  test(`${name} is described by its boot.json`, (t) => {
    const document = JSON.parse(text(toplevel, "boot.json"));
    const bootspec = document["org.nixos.bootspec.v1"];
    t.is(bootspec.toplevel, toplevel);
    t.is(bootspec.init, join(toplevel, "init"));
    t.is(bootspec.kernel, realpathSync(join(toplevel, "kernel")));
    t.is(bootspec.initrd, realpathSync(join(toplevel, "initrd")));
    t.is(bootspec.kernelParams.join(" "), text(toplevel, "kernel-params"));
    t.is(bootspec.system, "x86_64-linux");
    t.deepEqual(document["org.nixos.specialisation.v1"], {});
  });

  test(`${name} names its boot loader's installer in switch-to-configuration`, (t) => {
    const wrapper = text(toplevel, "bin/switch-to-configuration");
    t.true(wrapper.includes(`export OUT='${toplevel}'\nexport TOPLEVEL='${toplevel}'\nexport DISTRO_ID='nixos'\n`));
    const installer = /^export INSTALL_BOOTLOADER='(.*)'$/m.exec(wrapper)?.[1] as string;
    t.true((lstatSync(installer).mode & 0o111) === 0o111);
  });
}

test("modules.dep and modules.builtin name the modules of a virtual machine, and every file is there", (t) => {
  for (const [name, ending] of [
    ["systemd-boot", ".ko"],
    ["systemd-boot-xz", ".ko.xz"],
  ] as const) {
    const modules = join(demoSystem(name), "kernel-modules/lib/modules");
    const [release] = readdirSync(modules) as [string];
    const files = text(modules, release, "modules.dep")
      .split(/:? |:?\n/)
      .filter((file) => file !== "");
    for (const file of files) t.true(file.endsWith(ending) && existsSync(join(modules, release, file)), file);
    const known = `${files.join("\n")}\n${text(modules, release, "modules.builtin")}`;
    for (const module of ["virtio_pci", "virtio_blk", "ext4", "vfat", "nls_cp437", "efivarfs", "btrfs", "dm-crypt"]) {
      t.regex(known, new RegExp(`/${module}\\.ko`), module);
    }
  }
});

test("GRUB's devices are real disks' names, in the configuration and in the file that the installer reads", (t) => {
  const [flake] = buildFixtures("--flake") as [string];
  for (const [name, devices] of [
    ["grub", ["/dev/disk/by-id/ata-DEMO_DISK_0001"]],
    ["grub-efi", ["nodev"]],
    ["grub-both", ["/dev/disk/by-id/ata-DEMO_DISK_0001"]],
  ] as const) {
    const attribute = `path:${flake}#nixosConfigurations.${name}.config.boot.loader.grub.devices`;
    t.deepEqual(JSON.parse(command("nix", "eval", "--json", attribute)), devices);
    const wrapper = text(toplevels.get(name) as string, "bin/switch-to-configuration");
    const installer = text(/INSTALL_BOOTLOADER='(.*)'/.exec(wrapper)?.[1] as string);
    const settings = text(/\/nix\/store\/\S*grub-config\.xml/.exec(installer)?.[0] as string);
    t.true(settings.includes(`<string value="${devices[0]}" />`));
  }
});

test("one flake has exactly one system, and a file has each system as an attribute", (t) => {
  const [single] = buildFixtures("--single") as [string];
  const names = ["eval", "--json", `path:${single}#nixosConfigurations`, "--apply", "builtins.attrNames"];
  t.deepEqual(JSON.parse(command("nix", ...names)), ["systemd-boot"]);
  const [flake] = buildFixtures("--flake") as [string];
  const path = command("nix", "eval", "--raw", "--file", join(flake, "default.nix"), "systemd-boot.outPath");
  t.is(path, systemdBoot);
});

test("the file of the systems and the flake agree on the names", (t) => {
  const [flake] = buildFixtures("--flake") as [string];
  const attributes = ["eval", "--json", "--file", join(flake, "default.nix"), "--apply", "builtins.attrNames", ""];
  t.deepEqual(JSON.parse(command("nix", ...attributes)), buildFixtures("--list"));
});
