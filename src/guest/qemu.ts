import type { Driver } from "../image/formats/format.ts";
import type { Bytes } from "../base/units.ts";
import { MiB } from "../base/units.ts";
import { architectures, type Architecture } from "./architecture.ts";

export type Acceleration = "kvm" | "tcg";

/** A disk of a guest, found inside by its serial number, never by its order. */
export interface Disk {
  readonly path: string;
  readonly format: Driver;
  /** At most 20 bytes; in a guest, `/sys/block/vdX/serial`. */
  readonly serial: string;
  /**
   * `scratch`: what is written need not survive a crash of the host. `recorded`: the same, and holes of the file are what was never
   * written, for which zeros take space. `read-only`: shared with whoever reads it.
   * `snapshot`: writes are forgotten when the machine ends. `kept`: what is written is the user's, and stays.
   */
  readonly access: "scratch" | "recorded" | "read-only" | "snapshot" | "kept";
  /** Default: 512. */
  readonly sectorSize?: 512 | 4096;
}

/** UEFI firmware. `variables` is written to, so it is a copy of the template. */
export interface MachineFirmware {
  readonly executable: string;
  readonly variables: string;
  readonly needsSmm: boolean;
}

/** The devices of an interactive machine, which a build's guests lack. */
export interface Seat {
  /** The value of `-display`: `none`, `gtk`, `sdl`, `vnc=:1`, … The serial console and the monitor are on the terminal. */
  readonly display: string;
}

/** A QEMU machine, before it is a command line. */
export interface Machine {
  readonly architecture: Architecture;
  readonly acceleration: Acceleration;
  readonly memory: Bytes;
  readonly processors: number;
  /** The time at which the machine starts, in seconds since 1970. */
  readonly clock: number;
  readonly disks: readonly Disk[];
  /** Default: what QEMU has for the machine (SeaBIOS on x86_64). */
  readonly firmware?: MachineFirmware;
  /** A kernel that QEMU starts itself. Without it, the firmware looks for a disk that boots. */
  readonly kernel?: { readonly image: string; readonly initrd?: string; readonly parameters: readonly string[] };
  /** Default: nobody sits at it, and a reboot ends it. */
  readonly seat?: Seat;
  /**
   * The port of this machine, on its loopback address only, behind which the guest's port 22 is. Default: none; without it and without a
   * seat the guest has no network.
   */
  readonly sshPort?: number | undefined;
  /** The console is on standard output, and in this file too. */
  readonly logPath?: string;
  /** Where QMP listens; the kernel allows 107 bytes. */
  readonly monitorSocket?: string;
}

/** The arguments of the QEMU of a machine; its serial console is standard output, or the terminal of its seat. */
export function qemuArguments(machine: Machine): string[] {
  return [
    ["-nodefaults", "-no-user-config"],
    machine.seat === undefined ? ["-no-reboot", "-display", "none"] : seatArguments(machine.seat),
    ["-nic", networkOf(machine)],
    platformArguments(machine),
    ["-m", String(Math.ceil(machine.memory / MiB)), "-smp", String(machine.processors)],
    ["-rtc", `base=${new Date(machine.clock * 1000).toISOString().slice(0, 19)},clock=vm`],
    machine.seat === undefined ? consoleArguments(machine.logPath) : ["-serial", "mon:stdio"],
    monitorArguments(machine.monitorSocket),
    machine.firmware === undefined ? [] : firmwareArguments(machine.firmware),
    machine.disks.flatMap(diskArguments),
    ["-object", "rng-random,id=random,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=random"],
    kernelArguments(machine),
  ].flat();
}

function platformArguments({ architecture, acceleration, firmware }: Machine): string[] {
  const traits = architectures[architecture];
  const smm = firmware?.needsSmm === true;
  return [
    // The guest's memory, which holds the keys of its disks, stays out of QEMU's core dumps.
    ["-machine", `${traits.machine},dump-guest-core=off${smm ? ",smm=on" : ""}`],
    smm ? ["-global", "driver=cfi.pflash01,property=secure,value=on"] : [],
    ["-accel", acceleration],
    ["-cpu", acceleration === "kvm" ? "host" : traits.emulatedProcessor],
  ].flat();
}

/** A screen comes with what one needs at it. */
function seatArguments({ display }: Seat): string[] {
  const input = ["-device", "virtio-keyboard-pci", "-device", "virtio-tablet-pci"];
  const screen = display === "none" ? [] : ["-device", "virtio-vga", ...input];
  return ["-display", display, ...screen];
}

/** QEMU's own network reaches out, and nothing reaches in but by the port given. */
function networkOf({ seat, sshPort }: Machine): string {
  if (seat === undefined && sshPort === undefined) return "none";
  const forward = sshPort === undefined ? "" : `,hostfwd=tcp:127.0.0.1:${sshPort}-:22`;
  return `user,model=virtio-net-pci${forward}`;
}

function consoleArguments(logPath: string | undefined): string[] {
  const log = logPath === undefined ? "" : `,logfile=${escape(logPath)},logappend=off`;
  return ["-chardev", `stdio,id=console,signal=off${log}`, "-serial", "chardev:console"];
}

function monitorArguments(socket: string | undefined): string[] {
  if (socket === undefined) return [];
  const listener = `socket,id=monitor,path=${escape(socket)},server=on,wait=off`;
  return ["-chardev", listener, "-mon", "chardev=monitor,mode=control"];
}

function firmwareArguments({ executable, variables }: MachineFirmware): string[] {
  return [
    "-drive",
    `if=pflash,unit=0,format=raw,readonly=on,file.driver=file,file.filename=${escape(executable)}`,
    "-drive",
    `if=pflash,unit=1,format=raw,cache=unsafe,file.driver=file,file.filename=${escape(variables)}`,
  ];
}

const accessOptions: Readonly<Record<Disk["access"], string>> = {
  scratch: "cache=unsafe,discard=unmap,detect-zeroes=unmap",
  recorded: "cache=unsafe,discard=ignore,detect-zeroes=off",
  "read-only": "readonly=on",
  snapshot: "snapshot=on",
  kept: "cache=writeback,discard=unmap",
};

/** The name of a disk in QEMU's messages. */
export function diskName(index: number): string {
  return `disk${index}`;
}

/** The driver is named, since QEMU would take `a:b.img` for a protocol and a guest's bytes for a format. */
function diskArguments(disk: Disk, index: number): string[] {
  const id = diskName(index);
  const sectors = disk.sectorSize === 4096 ? ",logical_block_size=4096,physical_block_size=4096" : "";
  const drive = `if=none,id=${id},format=${disk.format},${accessOptions[disk.access]}`;
  // A guest's kernel writes zeros where it has no other way to them.
  const ways = disk.access === "recorded" ? ",discard=off,write-zeroes=off" : "";
  const device = `virtio-blk-pci,drive=${id},serial=${escape(disk.serial)},bootindex=${index + 1}${sectors}${ways}`;
  return ["-drive", `${drive},file.driver=file,file.filename=${escape(disk.path)}`, "-device", device];
}

function kernelArguments({ architecture, kernel }: Machine): string[] {
  if (kernel === undefined) return [];
  const { console } = architectures[architecture];
  const parameters = [`console=${console}`, ...kernel.parameters];
  const initrd = kernel.initrd === undefined ? [] : ["-initrd", kernel.initrd];
  return ["-kernel", kernel.image, ...initrd, "-append", parameters.join(" ")];
}

/** QEMU ends an option's value at a comma, unless it is doubled. */
function escape(value: string): string {
  return value.replaceAll(",", ",,");
}
