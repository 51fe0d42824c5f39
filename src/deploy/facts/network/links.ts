import type { LinkKind, NetworkLink } from "../network-facts.ts";
import type { Said } from "../said.ts";
import { readAddresses } from "./addresses.ts";

const classFolder = "/sys/class/net";

/** A machine of containers has hundreds. */
const mostLinks = 1000;

/** As Linux: no slash, blank or control character, and never more than 15 bytes. Colons are those of old aliases. */
const linkName = /^[A-Za-z0-9_.][\w.@+-]{0,14}$/;

const macAddress = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/;
const noAddress = "00:00:00:00:00:00";

/** Interfaces with an address of Ethernet, other than loopback. Pure. */
export function readLinks(said: Said): NetworkLink[] {
  const names = said.textPaths.flatMap((path) => /^\/sys\/class\/net\/([^/]+)\/address$/.exec(path)?.[1] ?? []);
  const addresses = readAddresses(said.lines("addresses"));
  const permanent = permanentAddresses(said.lines("links"));
  return names
    .filter((name) => linkName.test(name))
    .slice(0, mostLinks)
    .map((name) => ({ ...describeLink(said, name, permanent.get(name)), addresses: addresses.get(name) ?? [] }))
    .filter(({ mac }) => macAddress.test(mac) && mac !== noAddress);
}

function describeLink(said: Said, name: string, permanent: string | undefined): Omit<NetworkLink, "addresses"> {
  const fact = (file: string) => said.text(`${classFolder}/${name}/${file}`)?.trim().toLowerCase();
  const mtu = Number(fact("mtu"));
  return {
    name,
    mac: fact("bonding_slave/perm_hwaddr") ?? permanent ?? fact("address") ?? "",
    mtu: mtu >= 68 && mtu <= 65535 ? mtu : 1500,
    isUp: (Number(fact("flags")) & interfaceUp) !== 0,
    kind: kindOf(said, name),
  };
}

/** IFF_UP. Source: netdevice(7). */
const interfaceUp = 1;

function kindOf(said: Said, name: string): LinkKind {
  const folder = `${classFolder}/${name}`;
  const vlan = vlans(said).get(name);
  if (vlan !== undefined) return vlan;
  if (said.text(`${folder}/bonding/mode`) !== undefined) return bond(said, folder);
  if (said.folders.has(`${folder}/bridge`)) {
    const inside = `${folder}/brif/`;
    const members = [...said.folders]
      .filter((path) => path.startsWith(inside))
      .map((path) => path.slice(inside.length));
    return { type: "bridge", members: members.filter((member) => linkName.test(member)) };
  }
  return { type: said.places("net").some((place) => place.name === name) ? "card" : "other" };
}

/** Lines `eth0.5 | 5 | eth0` behind a head of two lines. Source: Linux, net/8021q/vlanproc.c. */
function vlans(said: Said): Map<string, LinkKind> {
  const rows = (said.text("/proc/net/vlan/config") ?? "").split("\n").map((line) => line.split("|"));
  return new Map(
    rows.flatMap(([name = "", id = "", parent = ""]) => {
      const [child, above, number] = [name.trim(), parent.trim(), Number(id)];
      const isVlan = linkName.test(child) && linkName.test(above) && id.trim() !== "" && number >= 0 && number < 4096;
      return isVlan ? [[child, { type: "vlan", parent: above, id: number }] as const] : [];
    }),
  );
}

function bond(said: Said, folder: string): LinkKind {
  const option = (name: string) => said.text(`${folder}/bonding/${name}`)?.trim().replaceAll("\n", " ") ?? "";
  const values = bondOptions.map((name) => {
    const text = option(name);
    return [name, namedOptions.has(name) ? (text.split(" ", 1)[0] ?? "") : text] as const;
  });
  return {
    type: "bond",
    members: option("slaves")
      .split(/\s+/)
      .filter((member) => linkName.test(member)),
    options: Object.fromEntries(values.filter(([, value]) => /^[\w.:+ -]{1,100}$/.test(value))),
  };
}

/** Those whose number stands behind their name: `802.3ad 4`. Source: Linux, Documentation/networking/bonding.rst. */
const namedOptions = new Set(
  ["mode lacp_rate xmit_hash_policy ad_select fail_over_mac arp_validate arp_all_targets", "primary_reselect"].flatMap(
    (line) => line.split(" "),
  ),
);

/** Those that can be set, the mode first: the others depend on it. */
const bondOptions = [
  "mode miimon updelay downdelay lacp_rate xmit_hash_policy ad_select min_links fail_over_mac",
  "primary primary_reselect arp_interval arp_ip_target arp_validate arp_all_targets",
  "all_slaves_active packets_per_slave resend_igmp lp_interval tlb_dynamic_lb",
].flatMap((line) => line.split(" "));

/** iproute2 tells a card's own address where it has been given another one. */
function permanentAddresses(lines: readonly string[]): Map<string, string> {
  return new Map(
    lines.flatMap((line) => {
      const [, name, address] = /^\d+: ([^:@\s]+).*\bpermaddr ([0-9a-f:]{17})\b/.exec(line) ?? [];
      return name === undefined || address === undefined ? [] : [[name, address] as const];
    }),
  );
}
