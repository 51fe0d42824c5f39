import test from "ava";
import { type SystemInstallation, installSteps } from "../../src/steps/install-steps.ts";
import { renderScript, toolsOf } from "../../src/devices/steps/script.ts";
import { commandsOf } from "./fixtures.ts";

const toplevel = "/nix/store/00000000000000000000000000000000-nixos-system-host";
const plain: SystemInstallation = {
  root: "/mnt",
  toplevel,
  extraFiles: [],
  nixosInstall: undefined,
  installsBootloader: true,
  writesVariables: false,
};

test("the closure, the first generation, what marks NixOS, activation, the bootloader", (t) => {
  const steps = installSteps(plain);
  t.deepEqual(
    steps.map(({ title }) => title),
    [
      "copy the system to /mnt",
      "make the system the first generation",
      "mark the root as one of NixOS",
      "activate the system",
      "install the bootloader",
    ],
  );
  t.deepEqual(commandsOf(steps, "nix", "nix-env"), [
    `nix --extra-experimental-features nix-command flakes copy --no-check-sigs --to /mnt ${toplevel}`,
    `nix-env --store /mnt --profile /mnt/nix/var/nix/profiles/system --set ${toplevel}`,
  ]);
  t.deepEqual(commandsOf(steps, "in_system"), [
    `in_system /mnt ${toplevel} hide /nix/var/nix/profiles/system/bin/switch-to-configuration boot`,
  ]);
});

test("without a bootloader nothing runs in the system; with consent its installer sees the firmware", (t) => {
  t.deepEqual(commandsOf(installSteps({ ...plain, installsBootloader: false }), "in_system", "activate_system"), []);
  t.regex(commandsOf(installSteps({ ...plain, writesVariables: true }), "in_system")[0] ?? "", / keep /);
});

test("further files come before all that may read them, and belong to root", (t) => {
  const steps = installSteps({ ...plain, extraFiles: [["./key", "/etc/ssh/key"]] });
  t.deepEqual(commandsOf(steps).slice(0, 2), [
    "mkdir -p /mnt/etc/ssh",
    "cp --recursive --preserve=mode,timestamps,links,xattr --no-target-directory -- ./key /mnt/etc/ssh/key",
  ]);
});

test("a system's own nixos-install does all of it, away from the firmware unless that is wanted", (t) => {
  const own: SystemInstallation = { ...plain, nixosInstall: `${toplevel}/sw/bin/nixos-install` };
  const flags = `--root /mnt --system ${toplevel} --no-root-passwd --no-channel-copy`;
  t.deepEqual(commandsOf(installSteps(own)), [`without_variables ${own.nixosInstall} ${flags}`]);
  t.deepEqual(toolsOf(installSteps({ ...own, writesVariables: true })), [], "it is in the system");
  t.deepEqual(commandsOf(installSteps({ ...own, writesVariables: true, installsBootloader: false })), [
    `${own.nixosInstall} ${flags} --no-bootloader`,
  ]);
});

test("every program that the script calls is looked for first", (t) => {
  const tools = ["bash", "chroot", "env", "ln", "mkdir", "mount", "nix", "nix-env", "touch", "unshare"];
  t.deepEqual(toolsOf(installSteps(plain)), tools);
  t.true(renderScript(installSteps(plain)).includes("\nin_system() {\n"));
});
