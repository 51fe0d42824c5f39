import { type Bytes, KiB } from "../../base/units.ts";
import type { SystemFolders } from "../../machine/system-files.ts";
import type { MachineRecords } from "../../remote/records.ts";
import { readAuthorizedKeys } from "./authorized-keys.ts";
import { readDisks } from "./disks.ts";
import { readHardware } from "./hardware.ts";
import { readKexec } from "./kexec.ts";
import { readNetwork } from "./network/read-network.ts";
import { plainText } from "./plain-text.ts";
import { readRescueMarker } from "./rescue-marker.ts";
import { type Said, saidIn } from "./said.ts";
import type { HostKeyFile, TargetFacts } from "./target-facts.ts";

/** The answers of a machine, in the forms in which they are read. */
interface Answers {
  readonly records: MachineRecords;
  /** The kernel's files, as they were said. */
  readonly folders: SystemFolders;
  readonly hostKeys: readonly HostKeyFile[];
  /** As ssh takes it. */
  readonly machine: string;
}

/** Reads the facts of a machine from what it said. */
export function readFacts({ records, folders, hostKeys, machine }: Answers): TargetFacts {
  const said = saidIn(records);
  const word = (key: string) => plainText(said.word(key) ?? "");
  const container = word("container");
  const marker = said.text("/etc/mkimage-rescue");
  return {
    kernel: word("kernel"),
    machine: word("machine"),
    release: word("release"),
    hostname: word("hostname"),
    operatingSystem: operatingSystem(said),
    container: container === "" ? undefined : container,
    firmware: said.folders.has("/sys/firmware/efi") ? "efi" : "bios",
    kexec: readKexec(said, records),
    memory: { total: memory(said, "MemTotal"), available: memory(said, "MemAvailable") },
    ...readDisks(records, folders, machine),
    network: readNetwork(said),
    hardware: readHardware(said, records),
    processor: processor(said),
    hostKeys,
    authorizedKeys: readAuthorizedKeys(said.words("authorized-key")),
    sshPort: port(said.word("ssh-port") ?? ""),
    tools: new Set(records.of("W").map(([tool = ""]) => plainText(tool))),
    boot: plainText(said.text("/proc/sys/kernel/random/boot_id") ?? ""),
    rescue: marker === undefined ? undefined : readRescueMarker(marker),
    currentSystem: /^\/nix\/store\/[\w.+?=-]+$/.exec(said.word("current-system") ?? "")?.[0],
  };
}

function port(text: string): number | undefined {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= 65535 ? number : undefined;
}

/** Source: os-release(5). */
function operatingSystem(said: Said): string | undefined {
  const text = said.text("/etc/os-release") ?? said.text("/usr/lib/os-release") ?? "";
  const value = /^PRETTY_NAME=(["']?)(.*)\1$/m.exec(text)?.[2];
  return value === undefined ? undefined : plainText(value);
}

/** Source: proc_meminfo(5). Kernels before 3.14 do not say what is available. */
function memory(said: Said, name: string): Bytes {
  const text = said.text("/proc/meminfo") ?? "";
  return Number(new RegExp(`^${name}:\\s+(\\d{1,12}) kB$`, "m").exec(text)?.[1] ?? 0) * KiB;
}

function processor(said: Said): TargetFacts["processor"] {
  const entries = said.lines("processor").map((line) => {
    const at = line.indexOf(":");
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()] as const;
  });
  const of = (...names: string[]) => entries.find(([name]) => names.includes(name))?.[1] ?? "";
  return {
    vendor: plainText(of("vendor_id", "CPU implementer")),
    flags: of("flags", "Features")
      .split(/\s+/)
      .filter((flag) => /^\w{1,40}$/.test(flag)),
  };
}
