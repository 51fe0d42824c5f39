import { execFile, execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { QMPClient } from "node-qemu";
import { GiB, MiB, type Bytes } from "../../src/base/units.ts";
import { copyVariables, findFirmware } from "../../src/guest/firmware.ts";
import { bound } from "../../src/runtime/run.ts";
import { judge, type Scope, temporaryFolder } from "./loop-device.ts";
import { freePort } from "../../src/runtime/free-port.ts";
import { switchPort, type SwitchPort } from "./switch-port.ts";
import {
  makeKeys,
  makeTargetFiles,
  targetVlan,
  type TargetNetwork,
  type TargetSystem,
  type TargetUser,
} from "./target-files.ts";

/** The controllers of the disks. The targets' kernel has a driver for each. */
export type Controller = "virtio" | "nvme" | "virtio-scsi" | "ide";

export interface TargetOptions {
  /** Default: `debian`. */
  readonly system?: TargetSystem;
  /** A raw image to start in place of such a system; the disk is a layer over it. */
  readonly image?: string;
  /** A folder that has what `makeKeys` makes, such as one that an image was made with. Default: keys of its own. */
  readonly keys?: string;
  /** Default: `bios`. */
  readonly firmware?: "bios" | "efi";
  /** Default: `virtio`. */
  readonly controller?: Controller;
  /** Default: 768 MiB. */
  readonly memory?: Bytes;
  /** Default: 1. */
  readonly processors?: number;
  /** Sizes of the disks, of which the first has the system (at least 768 MiB). Default: one of 4 GiB. */
  readonly disks?: readonly Bytes[];
  /** Default: `root`. */
  readonly user?: TargetUser;
  /** Default: `dhcp`. */
  readonly network?: TargetNetwork;
  /** A folder with further files for the root of the target. */
  readonly files?: string;
}

/** A machine in QEMU that somebody wants to deploy to. It goes on through any reboot, until it is switched off. */
export interface TargetMachine {
  /** The port of this machine's loopback behind which the target's port 22 is. */
  readonly port: number;
  readonly user: TargetUser;
  readonly folder: string;
  /** The private key that lets in. */
  readonly key: string;
  /** The target's private host key, in OpenSSH's format. */
  readonly hostKey: string;
  /** The file with the target's host key, and nobody else's. */
  readonly knownHosts: string;
  /** The disks' images, qcow2. Their serial numbers are `target-0`, `target-1` … */
  readonly disks: readonly string[];
  /** The options that a user of it gives. */
  readonly options: readonly string[];
  /** The output on the serial line since the machine was switched on. */
  log(): string;
  /** QEMU's events so far: `RESET` at each reboot, `SHUTDOWN` at the end … */
  events(): readonly string[];
  /** Runs a command on the target, once, and gives its standard output. Default of `as`: the user that the target was made with. */
  ssh(command: string, as?: TargetUser): Promise<string>;
  /** Waits until the target runs a command over SSH, with the host key that is known. */
  answers(seconds?: number): Promise<void>;
  /** Waits for what the serial line says, after the first `from` characters. */
  says(expected: RegExp, seconds?: number, from?: number): Promise<void>;
  /** Asks QEMU for something, such as `system_reset`, or `set_link` with the `name` `net` and `up`. */
  order(command: string, arguments_?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** For a target in a VLAN: from here on the network is without tags, for a system that knows nothing of the VLAN. */
  untag(): void;
  /** Ends it as a power cut does. */
  cut(): Promise<void>;
}

/** Switches a target on; it ends with the test. Nothing is waited for. */
export async function startTarget(t: Scope, options: TargetOptions = {}): Promise<TargetMachine> {
  const folder = temporaryFolder(t);
  const { system = "debian", user = "root", network = "dhcp" } = options;
  const keys = options.keys ?? folder;
  if (options.keys === undefined) makeKeys(folder);
  const given = { keys, system, user, network, ...(options.files === undefined ? {} : { files: options.files }) };
  makeTargetFiles(folder, given);
  const port = await freePort();
  const hostKey = readFileSync(join(keys, "host-key.pub"), "utf8");
  writeFileSync(join(folder, "known-hosts"), `[127.0.0.1]:${port} ${hostKey}`);
  const disks = makeDisks(folder, options.image ?? targetDisk(system), options.disks ?? [4 * GiB]);
  const tagged = network === "vlan" ? await switchPort(t, folder, targetVlan) : undefined;
  const hardware = machineArguments(folder, disks, options);
  const [file, ...argv] = bound([...hardware, ...networkArguments(port, tagged)]) as [string, ...string[]];
  const qemu = spawn(file, argv, { stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(qemu, "exit");
  t.teardown(async () => {
    qemu.kill("SIGKILL");
    await ended;
  });
  return machine({ folder, keys, tagged, port, user, disks, qemu, monitor: await openMonitor(folder, qemu) });
}

/** The disk of a system, made where it is not there yet. */
function targetDisk(system: TargetSystem): string {
  const script = join(import.meta.dirname, "../../fixtures/target");
  return execFileSync(script, [system], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();
}

function makeDisks(folder: string, image: string, sizes: readonly Bytes[]): string[] {
  return sizes.map((size, index) => {
    const path = join(folder, `disk-${index}.qcow2`);
    const base = index === 0 ? ["-b", image, "-F", "raw"] : [];
    judge("qemu-img", "create", "-q", "-f", "qcow2", ...base, path, String(size));
    return path;
  });
}

/**
 * QEMU looks through all that it has translated of a page at each write to it. When kexec writes over the pages of a library that many
 * processes have run, with all that was ever translated of them that takes minutes: a small cache is emptied before.
 */
function machineArguments(folder: string, disks: readonly string[], options: TargetOptions): string[] {
  const { controller = "virtio", memory = 768 * MiB, processors = 1, firmware = "bios" } = options;
  return [
    ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-accel", "tcg,tb-size=32"],
    ["-machine", controller === "ide" ? "pc" : "q35", "-cpu", "max,la57=off"],
    ["-m", String(memory / MiB), "-smp", String(processors)],
    ["-serial", `file:${join(folder, "console")}`, "-qmp", `unix:${join(folder, "qmp")},server=on,wait=off`],
    ["-fw_cfg", `name=opt/target/files,file=${join(folder, "files.tar")}`],
    ["-object", "rng-random,id=random,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=random"],
    controller === "virtio-scsi" ? ["-device", "virtio-scsi-pci"] : [],
    disks.flatMap((path, index) => diskArguments(path, index, controller)),
    firmware === "efi" ? firmwareArguments(folder) : [],
  ].flat();
}

/** With a VLAN, the card is at one side of the switch's port, and QEMU's network at the other. */
function networkArguments(port: number, tagged: SwitchPort | undefined): string[] {
  const user = (id: string) => ["-netdev", `user,id=${id},hostfwd=tcp:127.0.0.1:${port}-:22`];
  const stream = (id: string, path: string) => [
    "-netdev",
    `stream,id=${id},server=off,addr.type=unix,addr.path=${path}`,
  ];
  const card = ["-device", "virtio-net-pci,netdev=net"];
  if (tagged === undefined) return [...user("net"), ...card];
  const hub = ["user", "far"].flatMap((id) => ["-netdev", `hubport,id=hub-${id},hubid=0,netdev=${id}`]);
  return [...user("user"), ...stream("far", tagged.network), ...hub, ...stream("net", tagged.card), ...card];
}

const diskDevices: Readonly<Record<Controller, string>> = {
  virtio: "virtio-blk-pci",
  nvme: "nvme",
  "virtio-scsi": "scsi-hd",
  ide: "ide-hd",
};

function diskArguments(path: string, index: number, controller: Controller): string[] {
  const drive = `if=none,id=disk${index},format=qcow2,cache=unsafe,discard=unmap,detect-zeroes=unmap,file=${path}`;
  const device = `${diskDevices[controller]},drive=disk${index},serial=target-${index},bootindex=${index + 1}`;
  return ["-drive", drive, "-device", device];
}

/** The machine keeps its variables for as long as it is there. */
function firmwareArguments(folder: string): string[] {
  const { executable, variables } = findFirmware({ architecture: "x86_64" });
  const own = join(folder, "efi-vars.fd");
  copyVariables({ variables }, own);
  return [
    ["-drive", `if=pflash,unit=0,format=raw,readonly=on,file=${executable}`],
    ["-drive", `if=pflash,unit=1,format=raw,cache=unsafe,file=${own}`],
  ].flat();
}

interface Monitor {
  readonly client: QMPClient;
  readonly events: string[];
}

async function openMonitor(folder: string, qemu: ChildProcess): Promise<Monitor> {
  const events: string[] = [];
  for (;;) {
    const client = new QMPClient({ socketPath: join(folder, "qmp") });
    client.on("error", () => {});
    for (const event of ["RESET", "SHUTDOWN", "POWERDOWN", "STOP", "GUEST_PANICKED"] as const) {
      client.on(event, () => events.push(event));
    }
    // QEMU makes the socket before it listens.
    const isOpen = await client.connect().then(
      () => true,
      () => false,
    );
    if (isOpen) return { client, events };
    if (qemu.exitCode !== null) throw new Error(`QEMU ended with ${qemu.exitCode}`);
    await pause(100);
  }
}

interface Running {
  readonly folder: string;
  readonly keys: string;
  readonly tagged: SwitchPort | undefined;
  readonly port: number;
  readonly user: TargetUser;
  readonly disks: readonly string[];
  readonly qemu: ChildProcess;
  readonly monitor: Monitor;
}

function machine({ folder, keys, tagged, port, user, disks, qemu, monitor }: Running): TargetMachine {
  const key = join(keys, "key");
  const knownHosts = join(folder, "known-hosts");
  const settings = [`UserKnownHostsFile=${knownHosts}`, "BatchMode=yes"];
  const log = () => readFileSync(join(folder, "console"), "utf8");
  const ssh = async (command: string, as: TargetUser, ...more: string[]) => {
    const argv = ["-F", "none", "-i", key, "-p", String(port), ...[...settings, ...more].flatMap((one) => ["-o", one])];
    return (await promisify(execFile)("ssh", [...argv, `${as}@127.0.0.1`, command])).stdout;
  };
  const running = (what: string) => {
    if (qemu.exitCode !== null) throw new Error(`the target is off, and never ${what}:\n${log()}`);
  };
  return {
    port,
    user,
    folder,
    key,
    hostKey: join(keys, "host-key"),
    knownHosts,
    disks,
    options: ["-i", key, ...settings.flatMap((setting) => ["--ssh-option", setting])],
    log,
    events: () => [...monitor.events],
    ssh: (command, as = user) => ssh(command, as),
    async answers(seconds = 600) {
      const until = Date.now() + seconds * 1000;
      for (;;) {
        running("answered");
        const failure = await ssh("true", user, "ConnectTimeout=20").then(() => undefined, String);
        if (failure === undefined) return;
        if (Date.now() > until) throw new Error(`the target does not answer: ${failure}\n${log()}`);
        await pause(200);
      }
    },
    async says(expected, seconds = 600, from = 0) {
      const until = Date.now() + seconds * 1000;
      while (!expected.test(log().slice(from))) {
        running(`said ${expected.source}`);
        if (Date.now() > until) throw new Error(`the target does not say ${expected.source}:\n${log()}`);
        await pause(100);
      }
    },
    order: (command, arguments_ = {}) => monitor.client.execute(command, { ...arguments_ }),
    untag: () => tagged?.untag(),
    async cut() {
      qemu.kill("SIGKILL");
      if (qemu.exitCode === null && qemu.signalCode === null) await once(qemu, "exit");
    },
  };
}
