import { quote } from "../../base/quote.ts";
import type { NetworkFacts, NetworkLink, NetworkRoute } from "../facts/network-facts.ts";
import { familyOf } from "../facts/network/ip-address.ts";
import { networkFunctions } from "./network-functions.ts";

/**
 * A script for busybox's shell that makes a machine's network as it was: its cards are found by their addresses and get their
 * names, on which the rest is built. What fails is said, and the rest is done all the same. Links of the kinds `other` are left out,
 * since nothing reaches a machine by a tunnel or a container alone.
 */
export function networkScript(network: NetworkFacts): string {
  const links = inOrder(network.links);
  const made = new Set(links.map(({ name }) => name));
  const routes = network.routes.filter(({ link }) => made.has(link)).toSorted((one, other) => rank(one) - rank(other));
  const cards = links.filter(({ kind }) => kind.type === "card");
  return [
    networkFunctions,
    ...cards.map(({ mac }, index) => call("take_card", String(index), mac)),
    ...cards.map(({ name }, index) => call("name_card", String(index), name)),
    ...links.flatMap(makeLink),
    "ip link set dev lo up\n",
    ...links.filter(({ isUp }) => isUp).map(({ name }) => call("raise", name)),
    ...links.flatMap(addresses),
    ...routes.map(route),
    ...links.flatMap(renewal),
  ].join("");
}

/** Whether a network has routes that busybox's `ip` cannot set: those of IPv4 through gateways of IPv6. */
export function needsIproute({ routes }: NetworkFacts): boolean {
  return routes.some(({ family, gateway }) => gateway !== undefined && familyOf(gateway) !== family);
}

/** Settings of the resolver. */
export function resolverFile({ nameServers, searchDomains }: NetworkFacts): string {
  const search = searchDomains.length === 0 ? "" : `search ${searchDomains.join(" ")}\n`;
  return `${search}${nameServers.map((server) => `nameserver ${server}\n`).join("")}`;
}

function call(...words: readonly string[]): string {
  return `${words.map(quote).join(" ")}\n`;
}

/** The parts of a link come before it; a link with a part that is not there, or that is none of ours, is kept. */
function inOrder(links: readonly NetworkLink[]): NetworkLink[] {
  const byName = new Map(links.map((link) => [link.name, link]));
  const order = new Set<NetworkLink>();
  const visited = new Set<string>();
  const visit = (link: NetworkLink): void => {
    if (visited.has(link.name) || link.kind.type === "other") return;
    visited.add(link.name);
    for (const part of partsOf(link)) {
      const found = byName.get(part);
      if (found !== undefined) visit(found);
    }
    order.add(link);
  };
  for (const link of links) visit(link);
  return [...order];
}

function partsOf({ kind }: NetworkLink): readonly string[] {
  if (kind.type === "vlan") return [kind.parent];
  return kind.type === "bond" || kind.type === "bridge" ? kind.members : [];
}

function makeLink(link: NetworkLink): string[] {
  const { name, mac, mtu } = link;
  const size = call("try", "ip", "link", "set", "dev", name, "mtu", String(mtu));
  if (link.kind.type === "card") return [size];
  const address = call("try", "ip", "link", "set", "dev", name, "address", mac);
  return [...joined(link), address, size];
}

function joined({ name, kind }: NetworkLink): string[] {
  if (kind.type === "vlan") {
    const tag = ["type", "vlan", "id", String(kind.id)];
    return [call("try", "ip", "link", "add", "link", kind.parent, "name", name, ...tag)];
  }
  if (kind.type === "bridge") {
    const members = kind.members.map((member) => call("try", "ip", "link", "set", "dev", member, "master", name));
    return [call("try", "ip", "link", "add", "name", name, "type", "bridge"), ...members];
  }
  return kind.type === "bond" ? bond(name, kind.members, kind.options) : [];
}

/**
 * The kernel takes the mode of a bond before all else, as long as it has no members, and which of them comes first when they are
 * there. What is switched off is so without being told; of the rest some modes know nothing, and do not need it.
 */
function bond(name: string, members: readonly string[], options: Readonly<Record<string, string>>): string[] {
  const { mode, primary, arp_ip_target: targets = "", ...others } = options;
  const set = (option: string, value: string) => call("set_bond", name, option, value);
  const must = (option: string, value: string | undefined) =>
    value === undefined ? [] : [call("try", "set_bond", name, option, value)];
  return [
    call("make_bond", name),
    ...must("mode", mode),
    ...Object.entries(others).flatMap(([option, value]) => (value === "0" ? [] : set(option, value))),
    ...targets.split(" ").flatMap((target) => (target === "" ? [] : set("arp_ip_target", `+${target}`))),
    ...members.flatMap((member) => must("slaves", `+${member}`)),
    ...must("primary", primary),
  ];
}

function addresses(link: NetworkLink): string[] {
  return link.addresses.map(({ address, prefix }) => call("set_address", link.name, `${address}/${prefix}`));
}

/** Gateways are reached by routes without one, and by those before them. */
function rank({ gateway, isOnLink }: NetworkRoute): number {
  if (gateway === undefined) return 0;
  return isOnLink ? 1 : 2;
}

function route({ destination, family, link, gateway, isOnLink, metric, source }: NetworkRoute): string {
  return call(
    "try",
    "ip",
    `-${family}`,
    "route",
    "add",
    destination,
    ...(gateway === undefined ? [] : ["via", ...(familyOf(gateway) === family ? [] : ["inet6"]), gateway]),
    "dev",
    link,
    ...(isOnLink ? ["onlink"] : []),
    ...(metric === undefined ? [] : ["metric", String(metric)]),
    ...(source === undefined ? [] : ["src", source]),
  );
}

/** The address is asked for again, so that nobody else gets it meanwhile. */
function renewal({ name, addresses: held }: NetworkLink): string[] {
  const lent = held.find(({ address, isLent }) => isLent && !address.includes(":"));
  if (lent === undefined) return [];
  const words = ["udhcpc", "-i", name, "-r", lent.address, "-s", "/vm/lease", "-b"];
  return [`${words.map(quote).join(" ")} >/dev/null 2>&1 &\n`];
}
