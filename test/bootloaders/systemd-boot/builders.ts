import { storePath } from "../sample-paths.ts";

/** The values that NixOS's options set in a builder, as the texts that it substitutes. */
export interface BuilderOptions {
  readonly efiSysMountPoint?: string;
  readonly bootMountPoint?: string;
  readonly timeout?: string;
  readonly editor?: string;
  readonly consoleMode?: string;
  readonly rebootForBitlocker?: string;
  readonly canTouchEfiVariables?: string;
  readonly distroName?: string;
  readonly bootCounting?: string;
  readonly bootCountingTries?: string;
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
  bootCounting: "False",
  bootCountingTries: "3",
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

/** In the form of 26.05: entries are named by a hash of their content, and boots can be counted. */
export function builder2605(options: BuilderOptions = {}): string {
  const set = { ...defaults, ...options };
  const head = builder2505(options).split("FILE = None | int")[0] ?? "";
  return `${head
    .replace(/^BOOTSPEC_TOOLS.*\n/m, "")
    .replace(/^(CAN_TOUCH_EFI_VARIABLES = .*|GRACEFUL = .*)$/gm, '$1 == "1"')}
BOOT_COUNTING_TRIES = "${set.bootCountingTries}"
BOOT_COUNTING = "${set.bootCounting}" == "True"

FILE = None | int

def place(file):
    store_name = file.relative_to(STORE_DIR).parts[0]
    return NIXOS_DIR / f"{store_name}-{file.name}.efi"

def initrd_place(source, secrets):
    both = "\\n".join(
        [str(place(source)), str(place(secrets))]
    )
    digest = hashlib.sha256(both.encode()).hexdigest()
    return NIXOS_DIR / f"{digest}-initrd.efi"

def loader_conf(f, chosen):
    f.write(f"timeout {TIMEOUT}\\n")
    if BOOT_COUNTING:
        f.write(f"preferred {chosen}\\n")
        f.write("default nixos-*\\n")
    else:
        f.write(f"default {chosen}\\n")
    if not EDITOR:
        f.write("editor 0\\n")
    if REBOOT_FOR_BITLOCKER:
        f.write("reboot-for-bitlocker yes\\n")
    f.write(f"console-mode {CONSOLE_MODE}\\n")

def entry(spec, kernel, initrd, machine_id, devicetree, built):
    day = built.strftime("%F")
    parameters = " ".join([f"init={spec.init}"] + spec.kernelParams)
    lines = (
        [
            f"title {spec.title}",
            f"version Generation {spec.generation} {spec.label}, built on {day}",
            f"linux /{str(kernel.path)}",
            f"initrd /{str(initrd.path)}",
        ]
        + [f"initrd /{path}" for path in spec.document.get("org.nixos.extra-initrd.v1", [])]
        + [
            f"options {parameters}",
            f"machine-id {machine_id}" if machine_id is not None else None,
            f"devicetree /{str(devicetree.path)}" if devicetree is not None else None,
            f"sort-key {spec.sortKey}",
        ]
    )
    contents = "\\n".join(filter(None, lines)).encode()
    contents_hash = hashlib.sha256(contents).hexdigest()
    prefix = f"nixos-{contents_hash}"
    counters = f"+{BOOT_COUNTING_TRIES}" if BOOT_COUNTING else ""
    return f"loader/entries/{prefix}{counters}.conf"

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
