import { GiB } from "../../base/units.ts";
import type { Architecture } from "../../guest/architecture.ts";
import type { HostKeyFile, TargetFacts } from "../facts/target-facts.ts";

/** The facts of a machine of QEMU's before it is switched on, as far as a rescue system for it is made of them. */
export function testFacts(
  architecture: Architecture,
  firmware: TargetFacts["firmware"],
  hostKeys: readonly HostKeyFile[],
): TargetFacts {
  return {
    kernel: "Linux",
    machine: architecture,
    release: "",
    hostname: "test-machine",
    operatingSystem: undefined,
    container: undefined,
    firmware,
    kexec: { secureBoot: false, lockdown: undefined, disabled: false, isSupported: true, isPermitted: true },
    memory: { total: GiB, available: GiB },
    disks: [],
    diskPaths: new Map(),
    network,
    hardware: [],
    processor: { vendor: "", flags: [] },
    hostKeys,
    authorizedKeys: [],
    sshPort: undefined,
    tools: new Set(),
    boot: "none",
    rescue: undefined,
    currentSystem: undefined,
  };
}

/** The network that QEMU gives its first card by itself. Source: QEMU, "Network emulation", user. */
const network: TargetFacts["network"] = {
  links: [
    {
      name: "eth0",
      mac: "52:54:00:12:34:56",
      mtu: 1500,
      isUp: true,
      kind: { type: "card" },
      addresses: [{ address: "10.0.2.15", prefix: 24, isLent: false }],
    },
  ],
  routes: [
    {
      destination: "default",
      family: 4,
      link: "eth0",
      gateway: "10.0.2.2",
      isOnLink: false,
      metric: undefined,
      source: undefined,
    },
  ],
  nameServers: ["10.0.2.3"],
  searchDomains: [],
};
