import { isIP } from "node:net";
import type { NetworkFacts } from "../network-facts.ts";
import type { Said } from "../said.ts";
import { isLoopback } from "./ip-address.ts";

const mostServers = 16;
const mostDomains = 32;

/** Where those who answer on the machine itself keep the servers that they ask. */
const realServers = [
  "/run/systemd/resolve/resolv.conf",
  "/run/NetworkManager/no-stub-resolv.conf",
  "/run/NetworkManager/resolv.conf",
];

/** Reads whom a machine asks for names: not itself, but whom that asks. Pure. Source: resolv.conf(5). */
export function readNameServers(said: Said): Pick<NetworkFacts, "nameServers" | "searchDomains"> {
  const interfaces = said.textPaths.filter((path) => path.startsWith("/run/resolvconf/interfaces/"));
  const read = (path: string) => parse(said.text(path) ?? "");
  const main = read("/etc/resolv.conf");
  const all = [main, ...realServers.map(read), ...interfaces.map(read)];
  return {
    nameServers: all.map(({ servers }) => servers).find((servers) => servers.length > 0) ?? [],
    searchDomains: all.map(({ domains }) => domains).find((domains) => domains.length > 0) ?? [],
  };
}

function parse(text: string): { servers: string[]; domains: string[] } {
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  const of = (...keys: string[]) => lines.filter(([key = ""]) => keys.includes(key)).flatMap(([, ...words]) => words);
  const servers = of("nameserver").filter((word) => isIP(word) !== 0 && !isLoopback(word));
  const domains = of("search", "domain").filter((word) => /^[\w][\w.-]{0,253}$/.test(word));
  return { servers: [...new Set(servers)].slice(0, mostServers), domains: [...new Set(domains)].slice(0, mostDomains) };
}
