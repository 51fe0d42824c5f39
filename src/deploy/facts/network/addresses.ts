import type { NetworkAddress } from "../network-facts.ts";
import { isLinkLocal, parseNetwork } from "./ip-address.ts";

/** Of one interface. */
const mostAddresses = 100;

/**
 * Reads the addresses of each interface from `ip -o addr show`, which iproute2 and BusyBox print alike. Those that the kernel
 * makes by itself, for a link or for a while, are left out.
 */
export function readAddresses(lines: readonly string[]): Map<string, NetworkAddress[]> {
  const found = new Map<string, NetworkAddress[]>();
  for (const line of lines) {
    const [, name = "", text = "", rest = ""] = /^\d+: ([^\s@:]+)\S*\s+inet6? (\S+)(.*)$/.exec(line) ?? [];
    const address = addressOf(text, rest);
    const others = found.get(name) ?? [];
    if (address !== undefined && others.length < mostAddresses) found.set(name, [...others, address]);
  }
  return found;
}

function addressOf(text: string, rest: string): NetworkAddress | undefined {
  // With a peer, the prefix is that of the peer's network.
  const network = parseNetwork(text);
  const words = new Set(rest.split(/[\s\\]+/));
  if (network === undefined || isLinkLocal(network.address) || words.has("dadfailed")) return undefined;
  // Addresses of IPv6 that change for privacy; BusyBox has another word for them.
  if (network.family === 6 && (words.has("temporary") || words.has("secondary"))) return undefined;
  const isLent = words.has("dynamic") || /valid_lft \d+sec/.test(rest);
  return { address: network.address, prefix: network.prefix, isLent };
}
