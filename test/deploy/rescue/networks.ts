import type { NetworkFacts, NetworkLink, NetworkRoute } from "../../../src/deploy/facts/network-facts.ts";

/** A link that is up, with a card's kind. */
export function link(name: string, parts: Partial<NetworkLink> = {}): NetworkLink {
  return { name, mac: "52:54:00:00:00:01", mtu: 1500, isUp: true, kind: { type: "card" }, addresses: [], ...parts };
}

/** A route by a gateway that is beside the link's address. */
export function route(parts: Partial<NetworkRoute> = {}): NetworkRoute {
  const defaults = { destination: "default", family: 4, link: "eth0", gateway: undefined } as const;
  return { ...defaults, isOnLink: false, metric: undefined, source: undefined, ...parts };
}

export function facts(links: readonly NetworkLink[], routes: readonly NetworkRoute[] = []): NetworkFacts {
  return { links, routes, nameServers: [], searchDomains: [] };
}

/** A machine of a provider: one address, and a gateway that is not beside it. */
export const rented: NetworkFacts = {
  ...facts(
    [
      link("eth0", {
        addresses: [
          { address: "203.0.113.7", prefix: 32, isLent: false },
          { address: "2001:db8:1::2", prefix: 64, isLent: false },
        ],
      }),
    ],
    [
      route({ gateway: "172.31.1.1", isOnLink: true, source: "203.0.113.7" }),
      route({ family: 6, gateway: "fe80::1", metric: 1024 }),
    ],
  ),
  nameServers: ["185.12.64.1", "2a01:4ff:ff00::add:1"],
  searchDomains: ["example.org"],
};

/** Two cards in a bond, on which there is a VLAN with the address; a third card is off. */
export const bonded: NetworkFacts = facts(
  [
    link("bond0.40", {
      mac: "52:54:00:00:00:01",
      mtu: 1400,
      kind: { type: "vlan", parent: "bond0", id: 40 },
      addresses: [{ address: "192.0.2.10", prefix: 24, isLent: false }],
    }),
    link("bond0", {
      kind: {
        type: "bond",
        members: ["eth1", "eth0"],
        options: {
          mode: "active-backup",
          miimon: "100",
          updelay: "0",
          primary: "eth1",
          arp_ip_target: "192.0.2.1 192.0.2.2",
        },
      },
    }),
    link("eth0", { mac: "52:54:00:00:00:01" }),
    link("eth1", { mac: "52:54:00:00:00:02" }),
    link("eth2", { mac: "52:54:00:00:00:03", isUp: false }),
    link("wg0", { kind: { type: "other" }, addresses: [{ address: "10.9.0.1", prefix: 24, isLent: false }] }),
  ],
  [route({ link: "bond0.40", gateway: "192.0.2.1" }), route({ destination: "10.8.0.0/16", link: "wg0" })],
);
