import { GiB } from "../../src/base/units.ts";
import type { NetworkLink } from "../../src/deploy/facts/network-facts.ts";
import type { TargetFacts } from "../../src/deploy/facts/target-facts.ts";

const card: NetworkLink = {
  name: "eth0",
  mac: "52:54:00:12:34:56",
  mtu: 1500,
  isUp: true,
  kind: { type: "card" },
  addresses: [{ address: "192.0.2.7", prefix: 24, isLent: false }],
};

/** A machine of EFI with nothing special, changed where a test wants. */
export function targetFacts(changes: Partial<TargetFacts> = {}): TargetFacts {
  const disks = changes.disks ?? [];
  return {
    kernel: "Linux",
    machine: process.arch === "arm64" ? "aarch64" : "x86_64",
    release: "6.1.0-28-amd64",
    hostname: "old",
    operatingSystem: "Debian GNU/Linux 12 (bookworm)",
    container: undefined,
    firmware: "efi",
    kexec: { secureBoot: false, lockdown: "none", disabled: false, isSupported: true, isPermitted: true },
    memory: { total: 2 * GiB, available: GiB },
    diskPaths: new Map(disks.flatMap(({ name, byIdPaths }) => byIdPaths.map((path) => [path, name] as const))),
    network: { links: [card], routes: [], nameServers: [], searchDomains: [] },
    hardware: [],
    processor: { vendor: "GenuineIntel", flags: [] },
    hostKeys: [],
    authorizedKeys: [],
    sshPort: 22,
    tools: new Set(),
    boot: "11111111-2222-3333-4444-555555555555",
    rescue: undefined,
    currentSystem: undefined,
    ...changes,
    disks,
  };
}
