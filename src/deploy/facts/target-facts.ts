import type { Bytes } from "../../base/units.ts";
import type { Device } from "../../machine/device.ts";
import type { NetworkFacts } from "./network-facts.ts";

/** A machine that a system is to be deployed to, as it is before anything of it is changed. */
export interface TargetFacts {
  /** `uname -s`, `uname -m`, `uname -r` and `uname -n`. */
  readonly kernel: string;
  readonly machine: string;
  readonly release: string;
  readonly hostname: string;
  /** `PRETTY_NAME` of os-release, where there is one. */
  readonly operatingSystem: string | undefined;
  /** The kind of container that it is: `docker`, `lxc`; undefined: none. */
  readonly container: string | undefined;
  readonly firmware: "efi" | "bios";
  readonly kexec: KexecFacts;
  readonly memory: { readonly total: Bytes; readonly available: Bytes };
  /** Whole disks, with all that is on them and uses them. Without wipefs, nobody can tell the signatures. */
  readonly disks: readonly Device[];
  /** Every path below /dev/disk and /dev/mapper that leads to a whole disk, with the kernel's name of the disk. */
  readonly diskPaths: ReadonlyMap<string, string>;
  readonly network: NetworkFacts;
  /** Devices on buses that ask for a driver. */
  readonly hardware: readonly HardwareDevice[];
  readonly processor: { readonly vendor: string; readonly flags: readonly string[] };
  readonly hostKeys: readonly HostKeyFile[];
  /** Lines of the files that let this user, and root, in, but for those that let nobody have a shell. */
  readonly authorizedKeys: readonly string[];
  /** The port at which the machine's server of SSH was reached, as the machine calls it; undefined where nobody tells. */
  readonly sshPort: number | undefined;
  /** The programs that are there, of those that are asked for. */
  readonly tools: ReadonlySet<string>;
  /** The id of this boot, /proc/sys/kernel/random/boot_id. */
  readonly boot: string;
  /** Set where our own rescue system answers, in place of the machine's. */
  readonly rescue: RescueFacts | undefined;
  /** The store path of the running NixOS system, where it is one. */
  readonly currentSystem: string | undefined;
}

/** The reasons for which another kernel can be forbidden. */
export interface KexecFacts {
  /** Undefined where the firmware does not tell. */
  readonly secureBoot: boolean | undefined;
  /** `none`, `integrity`, `confidentiality`; undefined where the kernel has none. */
  readonly lockdown: string | undefined;
  /** kernel.kexec_load_disabled. */
  readonly disabled: boolean;
  /** Whether the running kernel has kexec at all. */
  readonly isSupported: boolean;
  /** Whether root there may start a kernel: CAP_SYS_BOOT. */
  readonly isPermitted: boolean;
}

/** A host key, private or public, in the format of OpenSSH. A secret. */
export interface HostKeyFile {
  /** Below /etc/ssh: `ssh_host_ed25519_key`, and that with `.pub`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A device of a bus, and what drives it. */
export interface HardwareDevice {
  /** Its folder: `/sys/devices/…`. */
  readonly path: string;
  /** `pci:v00001AF4d00001001sv…` */
  readonly modalias: string;
  /** The driver that it has now: `virtio-pci`. */
  readonly driver: string | undefined;
  /** The driver's module, where the kernel says it: `virtio_pci`. */
  readonly module: string | undefined;
  /** The disks below it, by the kernel's names: `vda`. */
  readonly disks: readonly string[];
  /** The network cards below it, by the kernel's names: `eth0`. */
  readonly links: readonly string[];
  /** The watchdogs below it that run, by the kernel's names: `watchdog0`. */
  readonly watchdogs: readonly string[];
}

/** The answers of our rescue system about itself. */
export interface RescueFacts {
  /** The version of mkimage that it was made by. */
  readonly version: string;
  /** The identifier of the deployment that started it. */
  readonly deployment: string;
  /** The disks of the machine, by the names that they had before. */
  readonly disks: readonly KnownDisk[];
}

/** A disk as another system of its machine knew it. */
export interface KnownDisk {
  /** All that led to it: `/dev/sda`, links below /dev/disk. */
  readonly paths: readonly string[];
  readonly size: Bytes;
  readonly sectorSize: Bytes;
  readonly serial?: string | undefined;
}
