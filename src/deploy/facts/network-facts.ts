/** How a machine is reached: enough to make the same again by the addresses of its cards. */
export interface NetworkFacts {
  readonly links: readonly NetworkLink[];
  /** Those that somebody has set; those of the kernel and of router advertisements follow from the addresses. */
  readonly routes: readonly NetworkRoute[];
  readonly nameServers: readonly string[];
  readonly searchDomains: readonly string[];
}

/** An interface of the network, other than loopback. */
export interface NetworkLink {
  /** The kernel's name on that machine: `eth0`, `bond0`, `eth0.5`. */
  readonly name: string;
  /** In lower case with colons: the card's own, which a bond can hide. */
  readonly mac: string;
  readonly mtu: number;
  readonly isUp: boolean;
  readonly kind: LinkKind;
  readonly addresses: readonly NetworkAddress[];
}

export type LinkKind =
  | { readonly type: "card" }
  | { readonly type: "vlan"; readonly parent: string; readonly id: number }
  /** Options by their names in /sys/class/net/NAME/bonding. */
  | { readonly type: "bond"; readonly members: readonly string[]; readonly options: Readonly<Record<string, string>> }
  | { readonly type: "bridge"; readonly members: readonly string[] }
  | { readonly type: "other" };

export interface NetworkAddress {
  /** Of IPv4 or IPv6, without its prefix. */
  readonly address: string;
  readonly prefix: number;
  /** Whether somebody gives it for a time: DHCP or a router. */
  readonly isLent: boolean;
}

export interface NetworkRoute {
  /** `default`, or an address with its prefix. */
  readonly destination: string;
  readonly family: 4 | 6;
  readonly link: string;
  readonly gateway: string | undefined;
  /** Whether the gateway is reached though no address of the link is beside it. */
  readonly isOnLink: boolean;
  readonly metric: number | undefined;
  readonly source: string | undefined;
}
