import { storePath } from "./sample-paths.ts";

/** What NixOS's options set in a builder, as the texts that it substitutes. */
export interface BuilderOptions {
  readonly efiSysMountPoint?: string;
  readonly bootMountPoint?: string;
  readonly timeout?: string;
  readonly editor?: string;
  readonly consoleMode?: string;
  readonly rebootForBitlocker?: string;
  readonly canTouchEfiVariables?: string;
  readonly distroName?: string;
}

const defaults: Required<BuilderOptions> = {
  efiSysMountPoint: "/boot",
  bootMountPoint: "/boot",
  timeout: "5",
  editor: "1",
  consoleMode: "keep",
  rebootForBitlocker: "",
  canTouchEfiVariables: "",
  distroName: "NixOS",
};

export const systemd = storePath("systemd-257.6");
export const copyExtraFiles = storePath("copy-extra-files");

/** In the form of 25.05: paths are `pathlib.Path`, and the store's folder is known. */
export function builder2505(options: BuilderOptions = {}): string {
  const set = { ...defaults, ...options };
  return `#! ${storePath("python3-3.12.10")}/bin/python3 -B
import subprocess
from pathlib import Path

# a comment that says = "nothing"
EFI_SYS_MOUNT_POINT = Path("${set.efiSysMountPoint}")
BOOT_MOUNT_POINT = Path("${set.bootMountPoint}")
LOADER_CONF = EFI_SYS_MOUNT_POINT / "loader/loader.conf"  # on the ESP
NIXOS_DIR = Path(
    "/EFI/nixos".strip("/")
)  # below one of the two
TIMEOUT = "${set.timeout}"
EDITOR = "${set.editor}" == "1"  # noqa
CONSOLE_MODE = "${set.consoleMode}"
BOOTSPEC_TOOLS = ""
DISTRO_NAME = "${set.distroName}"
NIX = "${storePath("nix-2.28.3")}"
SYSTEMD = "${systemd}"
CONFIGURATION_LIMIT = int("0")
REBOOT_FOR_BITLOCKER = bool("${set.rebootForBitlocker}")
CAN_TOUCH_EFI_VARIABLES = "${set.canTouchEfiVariables}"
GRACEFUL = ""
COPY_EXTRA_FILES = "${copyExtraFiles}"
CHECK_MOUNTPOINTS = "${storePath("check-mountpoints")}"
STORE_DIR = "/nix/store"

FILE = None | int

BOOT_ENTRY = """title {title}
sort-key {sort_key}
version Generation {generation} {description}
linux {kernel}
initrd {initrd}
options {kernel_params}
"""

def entry_file(generation, specialisation):
    return f"nixos-generation-{generation}" + (f"-specialisation-{specialisation}" if specialisation else "") + ".conf"

def loader_conf(f, generation):
    f.write(f"timeout {TIMEOUT}\\n")
    f.write(
        "default %s\\n" % entry_file(generation, None)
    )
    if not EDITOR:
        f.write("editor 0\\n")
    if REBOOT_FOR_BITLOCKER:
        f.write("reboot-for-bitlocker yes\\n")
    f.write(f"console-mode {CONSOLE_MODE}\\n")

def kernel_file(suffix, store_subdir):
    return NIXOS_DIR / f"{store_subdir}-{suffix}.efi"

def entry(f, bootspec, machine_id, devicetree, build_date):
    kernel_params = "init=%s " % bootspec.init
    build_date = build_date.strftime("%F")
    f.write(BOOT_ENTRY.format(description=f"{bootspec.label}, built on {build_date}", kernel_params=kernel_params))
    if machine_id is not None:
        f.write("machine-id %s\\n" % machine_id)
    if devicetree is not None:
        f.write(f"devicetree /{devicetree}\\n")

subprocess.run([f"{SYSTEMD}/bin/bootctl", "install"])
`;
}

/** In the form of 24.11: paths are strings, and the store's folder is known. */
export function builder2411(options: BuilderOptions = {}): string {
  const set = { ...defaults, ...options };
  return builder2505(options)
    .replace(`Path("${set.efiSysMountPoint}")`, `"${set.efiSysMountPoint}"`)
    .replace(`Path("${set.bootMountPoint}")`, `"${set.bootMountPoint}"`)
    .replace(/^LOADER_CONF = .*$/m, 'LOADER_CONF = f"{EFI_SYS_MOUNT_POINT}/loader/loader.conf"  # on the ESP')
    .replace(/^NIXOS_DIR = Path\([\s\S]*?\n\).*$/m, 'NIXOS_DIR = "/EFI/nixos"')
    .replace(/^REBOOT_FOR_BITLOCKER.*\n/m, "")
    .replace(/ {4}if REBOOT_FOR_BITLOCKER:\n.*\n/, "")
    .replace('f"devicetree /{devicetree}\\n"', '"devicetree %s\\n" % devicetree');
}

/** In the form of 24.05: no device trees, and kernels named by the folder that they lie in. */
export function builder2405(options: BuilderOptions = {}): string {
  return builder2411(options)
    .replace(/^STORE_DIR.*\n/m, "")
    .replace(/ {4}if devicetree is not None:\n.*\n/, "")
    .replace(/return NIXOS_DIR \/ .*/, 'return f"{NIXOS_DIR}/{store_dir}-{suffix}.efi"');
}

/** In the form of 23.11: the values stand where they are used, and entries have no sort key. */
export function builder2311(options: BuilderOptions = {}): string {
  const set = { ...defaults, ...options };
  return `#! ${storePath("python3-3.11.6")}/bin/python3 -B
import subprocess

BOOT_ENTRY = """title {title}
version Generation {generation} {description}
linux {kernel}
initrd {initrd}
options {kernel_params}
"""

def entry_file(generation, specialisation):
    return "-".join(["nixos", f"specialisation-{specialisation}"])

def loader_conf(generation):
    with open("${set.efiSysMountPoint}/loader/loader.conf.tmp", 'w') as f:
        if "${set.timeout}" != "":
            f.write("timeout ${set.timeout}\\n")
        f.write("default %s\\n" % entry_file(generation, None))
        if not ${set.editor === "1" ? "True" : "False"}:
            f.write("editor 0\\n")
        f.write("console-mode ${set.consoleMode}\\n")

def kernel_file(store_dir, suffix):
    efi_file_path = "/efi/nixos/%s-%s.efi" % (store_dir, suffix)
    return efi_file_path

def entry(f, bootspec, machine_id, build_date):
    title = "${set.distroName}{profile}{specialisation}".format(profile="", specialisation="")
    kernel_params = "init=%s " % bootspec.init
    build_date = build_date.strftime('%F')
    f.write(BOOT_ENTRY.format(title=title, description=f"{bootspec.label}, built on {build_date}"))
    if machine_id is not None:
        f.write("machine-id %s\\n" % machine_id)

def install():
    bootctl_flags = list()
    if "${set.canTouchEfiVariables}" != "1":
        bootctl_flags.append("--no-variables")
    if "" == "1":
        bootctl_flags.append("--graceful")
    subprocess.check_call(["${systemd}/bin/bootctl", "--esp-path=${set.efiSysMountPoint}"] + bootctl_flags + ["install"])
    subprocess.check_call("${copyExtraFiles}")
`;
}
