import type { NetworkLink, NetworkRoute } from "../network-facts.ts";
import type { Said } from "../said.ts";
import { familyOf, isBeside, isLinkLocal, parseNetwork } from "./ip-address.ts";

/** Of a family. */
const mostRoutes = 500;

/** Reads the routes that somebody has set, of both families, from what `ip route show` of iproute2 or BusyBox prints. Pure. */
export function readRoutes(said: Said, links: readonly NetworkLink[]): NetworkRoute[] {
  const announced = announcedRoutes(said.lines("ipv6-table"));
  const byName = new Map(links.map((link) => [link.name, link]));
  const routesOf = (family: 4 | 6): NetworkRoute[] =>
    withHops(said.lines(`routes${family}`))
      .slice(0, mostRoutes)
      .flatMap((words) => {
        const link = byName.get(valueOf(words, "dev") ?? "");
        const route = link === undefined ? undefined : readRoute(words, family, link);
        return route === undefined || announced.has(keyOf(route)) ? [] : [route];
      });
  return [...routesOf(4), ...routesOf(6)];
}

/** Words of routes; where several ways lead to one place, the first of them. */
function withHops(lines: readonly string[]): string[][] {
  const routes: string[][] = [];
  for (const line of lines) {
    const words = line.split(/[\s\\]+/).filter((word) => word !== "");
    const last = routes.at(-1);
    if (words[0] !== "nexthop") routes.push(words);
    else if (last !== undefined && !last.includes("dev")) last.push(...words.slice(1));
  }
  return routes;
}

/** Routes of these kinds lead nowhere, and begin with their kind. Source: ip-route(8). */
function readRoute(words: readonly string[], family: 4 | 6, link: NetworkLink): NetworkRoute | undefined {
  const destination = destinationOf(words[0] ?? "", family);
  const proto = valueOf(words, "proto");
  if (destination === undefined || proto === "kernel" || proto === "ra") return undefined;
  const gateway = familyOf(valueOf(words, "via") ?? "") === undefined ? undefined : valueOf(words, "via");
  if (gateway === undefined && isOfKernel(destination, link)) return undefined;
  const metric = Number(valueOf(words, "metric"));
  const source = valueOf(words, "src");
  return {
    destination,
    family,
    link: link.name,
    gateway,
    isOnLink: gateway !== undefined && (words.includes("onlink") || !isReached(gateway, link)),
    metric: Number.isInteger(metric) && metric > 0 && metric < 2 ** 32 ? metric : undefined,
    source: source !== undefined && familyOf(source) === family ? source : undefined,
  };
}

function destinationOf(text: string, family: 4 | 6): string | undefined {
  if (text === "default") return text;
  const network = parseNetwork(text);
  if (network?.family !== family) return undefined;
  return network.prefix === 0 ? "default" : `${network.address}/${network.prefix}`;
}

/** The word behind another one. A gateway of the other family has its family before it. */
function valueOf(words: readonly string[], key: string): string | undefined {
  const at = words.indexOf(key);
  if (at < 0) return undefined;
  return words[at + 1] === "inet6" || words[at + 1] === "inet" ? words[at + 2] : words[at + 1];
}

/** BusyBox does not say who set a route. The kernel sets those to the networks of its addresses, and of each link. */
function isOfKernel(destination: string, { addresses }: NetworkLink): boolean {
  const network = parseNetwork(destination);
  if (network === undefined) return false;
  if (isLinkLocal(network.address) || isBeside(network.address, { address: "ff00::", prefix: 8 })) return true;
  return addresses.some((own) => own.prefix === network.prefix && isBeside(network.address, own));
}

function isReached(gateway: string, { addresses }: NetworkLink): boolean {
  return isLinkLocal(gateway) || addresses.some((own) => isBeside(gateway, own));
}

/** RTF_ADDRCONF: a router has said so. Source: Linux, include/uapi/linux/ipv6_route.h. */
const announcedFlag = 0x40000;

/** The routes of IPv6 that routers announced, which not every `ip` tells. Source: Linux, net/ipv6/route.c. */
function announcedRoutes(lines: readonly string[]): Set<string> {
  return new Set(
    lines.flatMap((line) => {
      const [destination = "", prefix = "", , , gateway = "", , , , flags = "", link = ""] = line.split(/\s+/);
      if ((Number.parseInt(flags, 16) & announcedFlag) === 0) return [];
      const network = `${colons(destination)}/${Number.parseInt(prefix, 16)}`;
      const name = destinationOf(network, 6);
      const via = parseNetwork(colons(gateway))?.address;
      return name === undefined ? [] : [`${name} ${via === "::" ? "" : via} ${link}`];
    }),
  );
}

function keyOf({ destination, gateway, link }: NetworkRoute): string {
  return `${destination} ${gateway === undefined ? "" : parseNetwork(gateway)?.address} ${link}`;
}

function colons(hex: string): string {
  return hex.match(/.{1,4}/g)?.join(":") ?? "";
}
