import test from "ava";
import fc from "fast-check";
import { readNetwork } from "../../../src/deploy/facts/network/read-network.ts";
import type { NetworkRoute } from "../../../src/deploy/facts/network-facts.ts";
import { card, type RecordedMachine, saidBy, together } from "./recorded-machine.ts";

function networkOf(...parts: readonly RecordedMachine[]) {
  return readNetwork(saidBy(together(...parts)));
}

const physical = (name: string): RecordedMachine => ({
  records: [`P\tnet\t${name}\t/sys/devices/pci0000:00/0000:00:03.0/virtio0`],
});

const lo = card("lo", "00:00:00:00:00:00");
const eth0 = together(card("eth0", "52:54:00:12:34:56"), physical("eth0"));

function route(link: string, destination: string, parts: Partial<NetworkRoute> = {}): NetworkRoute {
  const none = { family: 4, gateway: undefined, isOnLink: false, metric: undefined, source: undefined } as const;
  return { destination, link, ...none, ...parts };
}

const forever = "       valid_lft forever preferred_lft forever";
const lo4 = `1: lo    inet 127.0.0.1/8 scope host lo\\${forever}`;

test("Debian with an address by DHCP", (t) => {
  const facts = networkOf(lo, eth0, {
    files: { "/etc/resolv.conf": "domain example.org\nsearch example.org\nnameserver 10.0.2.3\n" },
    programs: {
      addresses: [
        lo4,
        "2: eth0    inet 10.0.2.15/24 brd 10.0.2.255 scope global dynamic eth0\\       valid_lft 86111sec preferred_lft 86111sec",
        "2: eth0    inet6 fec0::5054:ff:fe12:3456/64 scope site dynamic mngtmpaddr \\       valid_lft 86112sec preferred_lft 14112sec",
        `2: eth0    inet6 fe80::5054:ff:fe12:3456/64 scope link \\${forever}`,
      ].join("\n"),
      routes4: "default via 10.0.2.2 dev eth0 \n10.0.2.0/24 dev eth0 proto kernel scope link src 10.0.2.15 \n",
      routes6: [
        "fe80::/64 dev eth0 proto kernel metric 256 pref medium",
        "fec0::/64 dev eth0 proto kernel metric 256 expires 86112sec pref medium",
        "default via fe80::2 dev eth0 proto ra metric 1024 expires 1512sec hoplimit 64 pref medium",
      ].join("\n"),
    },
  });
  t.deepEqual(facts.links, [
    {
      name: "eth0",
      mac: "52:54:00:12:34:56",
      mtu: 1500,
      isUp: true,
      kind: { type: "card" },
      addresses: [
        { address: "10.0.2.15", prefix: 24, isLent: true },
        { address: "fec0::5054:ff:fe12:3456", prefix: 64, isLent: true },
      ],
    },
  ]);
  t.deepEqual(facts.routes, [route("eth0", "default", { gateway: "10.0.2.2" })]);
  t.deepEqual([facts.nameServers, facts.searchDomains], [["10.0.2.3"], ["example.org"]]);
});

test("Alpine with a static address, as BusyBox tells it", (t) => {
  const facts = networkOf(lo, eth0, {
    programs: {
      addresses: [
        lo4,
        `2: eth0    inet 192.0.2.7/24 brd 192.0.2.255 scope global eth0\\${forever}`,
        `2: eth0    inet6 2001:db8::7/64 scope global \\${forever}`,
        "2: eth0    inet6 2001:db8::5054:ff:fe12:3456/64 scope global dynamic flags 100 \\       valid_lft 86112sec preferred_lft 14112sec",
      ].join("\n"),
      routes4: "default via 192.0.2.1 dev eth0  metric 202 \n192.0.2.0/24 dev eth0 scope link  src 192.0.2.7 \n",
      routes6: [
        "2001:db8::/64 dev eth0  metric 256 ",
        "fe80::/64 dev eth0  metric 256 ",
        "default via fe80::1 dev eth0  metric 1024  expires 0sec",
        "2001:db8:1::/48 via 2001:db8::1 dev eth0  metric 1024 ",
        "multicast ff00::/8 dev eth0  metric 256 ",
        "unreachable default dev lo  metric -1  error -101",
      ].join("\n"),
      "ipv6-table":
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00450003     eth0",
    },
  });
  t.deepEqual(
    facts.links[0]?.addresses.map(({ isLent }) => isLent),
    [false, false, true],
  );
  t.deepEqual(facts.routes, [
    route("eth0", "default", { gateway: "192.0.2.1", metric: 202 }),
    route("eth0", "2001:db8:1::/48", { family: 6, gateway: "2001:db8::1", metric: 1024 }),
  ]);
});

test("NixOS with networkd and resolved", (t) => {
  const facts = networkOf(lo, together(card("ens3", "52:54:00:AA:BB:CC"), physical("ens3")), {
    files: {
      "/etc/resolv.conf": "nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n",
      "/run/systemd/resolve/resolv.conf": "nameserver 192.0.2.53\nnameserver 2001:db8::53\nsearch example.net lan\n",
    },
    programs: {
      addresses:
        "2: ens3    inet 192.0.2.9/24 metric 1024 brd 192.0.2.255 scope global dynamic ens3\\       valid_lft 3512sec preferred_lft 3512sec\n2: ens3    inet6 2001:db8::9/64 scope global dynamic mngtmpaddr noprefixroute \\       valid_lft 2591988sec preferred_lft 604788sec\n2: ens3    inet6 2001:db8::f00d/64 scope global temporary dynamic \\       valid_lft 600sec preferred_lft 600sec",
      routes4: [
        "default via 192.0.2.1 dev ens3 proto dhcp src 192.0.2.9 metric 1024 ",
        "192.0.2.0/24 dev ens3 proto kernel scope link src 192.0.2.9 metric 1024 ",
        "192.0.2.1 dev ens3 proto dhcp scope link src 192.0.2.9 metric 1024 ",
      ].join("\n"),
      routes6:
        "2001:db8::/64 dev ens3 proto ra metric 1024 expires 2591988sec pref medium\ndefault via fe80::1 dev ens3 proto ra metric 1024 expires 1788sec pref medium",
    },
  });
  t.is(facts.links[0]?.mac, "52:54:00:aa:bb:cc");
  t.is(facts.links[0]?.addresses.length, 2);
  t.deepEqual(facts.routes, [
    route("ens3", "default", { gateway: "192.0.2.1", source: "192.0.2.9", metric: 1024 }),
    route("ens3", "192.0.2.1/32", { source: "192.0.2.9", metric: 1024 }),
  ]);
  t.deepEqual(facts.nameServers, ["192.0.2.53", "2001:db8::53"]);
  t.deepEqual(facts.searchDomains, ["example.net", "lan"]);
});

const gateways = {
  "Hetzner's cloud: an address alone, and a gateway that is told to be on the link": {
    addresses: `2: eth0    inet 203.0.113.7/32 brd 203.0.113.7 scope global eth0\\${forever}`,
    routes4: "default via 172.31.1.1 dev eth0 proto static onlink \n",
    routes: [route("eth0", "default", { gateway: "172.31.1.1", isOnLink: true })],
  },
  "Google's cloud: a route to the gateway": {
    addresses:
      "2: eth0    inet 10.128.0.5/32 metric 100 scope global dynamic eth0\\       valid_lft 3000sec preferred_lft 3000sec",
    routes4:
      "default via 10.128.0.1 dev eth0 proto dhcp src 10.128.0.5 metric 100 \n10.128.0.1 dev eth0 proto dhcp scope link src 10.128.0.5 metric 100 \n",
    routes: [
      route("eth0", "default", { gateway: "10.128.0.1", isOnLink: true, source: "10.128.0.5", metric: 100 }),
      route("eth0", "10.128.0.1/32", { source: "10.128.0.5", metric: 100 }),
    ],
  },
  "a root server: the gateway is the address's peer": {
    addresses: `2: eth0    inet 203.0.113.9 peer 203.0.113.1/32 brd 203.0.113.9 scope global eth0\\${forever}`,
    routes4: "default via 203.0.113.1 dev eth0 \n203.0.113.1 dev eth0 proto kernel scope link src 203.0.113.9 \n",
    routes: [route("eth0", "default", { gateway: "203.0.113.1", isOnLink: true })],
  },
  "two ways to the same place": {
    addresses: `2: eth0    inet 192.0.2.7/24 brd 192.0.2.255 scope global eth0\\${forever}`,
    routes4:
      "default \n\tnexthop via 192.0.2.1 dev eth0 weight 1 \n\tnexthop via 192.0.2.2 dev eth0 weight 1 \nblackhole 10.66.0.0/16 \n",
    routes: [route("eth0", "default", { gateway: "192.0.2.1" })],
  },
  "a gateway of the other family": {
    addresses: `2: eth0    inet 203.0.113.7/32 scope global eth0\\${forever}`,
    routes4: "default via inet6 fe80::1 dev eth0 \n",
    routes: [route("eth0", "default", { gateway: "fe80::1" })],
  },
} as const;
for (const [name, { addresses, routes4, routes }] of Object.entries(gateways)) {
  test(name, (t) => {
    t.deepEqual(networkOf(lo, eth0, { programs: { addresses, routes4 } }).routes, [...routes]);
  });
}

test("a machine with IPv6 alone", (t) => {
  const facts = networkOf(lo, eth0, {
    files: { "/etc/resolv.conf": "nameserver 2001:db8:ffff::53\nnameserver fe80::1%eth0\n" },
    programs: {
      addresses: `2: eth0    inet6 2001:db8:5::2/64 scope global \\${forever}`,
      routes6:
        "2001:db8:5::/64 dev eth0 proto kernel metric 256 pref medium\ndefault via fe80::1 dev eth0 metric 1024 onlink pref medium\n",
    },
  });
  t.deepEqual(facts.routes, [
    route("eth0", "default", { family: 6, gateway: "fe80::1", isOnLink: true, metric: 1024 }),
  ]);
  t.deepEqual(facts.nameServers, ["2001:db8:ffff::53", "fe80::1%eth0"]);
});

test("a VLAN on a bond of two cards, below a bridge", (t) => {
  const shared = "aa:bb:cc:00:00:01";
  const bonded = (name: string, own: string) =>
    together(card(name, shared, { "bonding_slave/perm_hwaddr": own }), physical(name));
  const facts = networkOf(
    lo,
    bonded("eno1", "aa:bb:cc:00:00:01"),
    bonded("eno2", "aa:bb:cc:00:00:02"),
    card("bond0", shared, {
      "bonding/mode": "802.3ad 4",
      "bonding/miimon": "100",
      "bonding/lacp_rate": "fast 1",
      "bonding/xmit_hash_policy": "layer3+4 1",
      "bonding/arp_ip_target": "",
      "bonding/slaves": "eno1 eno2",
      "bonding/mii_status": "up",
    }),
    card("bond0.42", shared),
    card("br0", shared),
    {
      folders: ["/sys/class/net/br0/bridge", "/sys/class/net/br0/brif/bond0.42"],
      files: {
        "/proc/net/vlan/config":
          "VLAN Dev name    | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\nbond0.42       | 42  | bond0\n",
      },
      programs: { addresses: `7: br0    inet 192.0.2.7/24 scope global br0\\${forever}` },
    },
  );
  t.deepEqual(
    facts.links.map(({ name, mac, kind }) => [name, mac, kind]),
    [
      ["eno1", "aa:bb:cc:00:00:01", { type: "card" }],
      ["eno2", "aa:bb:cc:00:00:02", { type: "card" }],
      [
        "bond0",
        shared,
        {
          type: "bond",
          members: ["eno1", "eno2"],
          options: { mode: "802.3ad", miimon: "100", lacp_rate: "fast", xmit_hash_policy: "layer3+4" },
        },
      ],
      ["bond0.42", shared, { type: "vlan", parent: "bond0", id: 42 }],
      ["br0", shared, { type: "bridge", members: ["bond0.42"] }],
    ],
  );
});

test("a card that was given another address is known by its own", (t) => {
  const links =
    "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP mode DEFAULT group default qlen 1000\\    link/ether 52:54:00:12:34:56 brd ff:ff:ff:ff:ff:ff permaddr 00:25:90:00:00:01 altname enp1s0";
  t.is(networkOf(eth0, { programs: { links } }).links[0]?.mac, "00:25:90:00:00:01");
});

const hostile = {
  "a link with a slash": card("../x", "52:54:00:12:34:56"),
  "a link with a line break in its address": card("eth1", "52:54:00:12:34:56\u001b[2J"),
  "a link with the name of an option": card("-x", "52:54:00:12:34:56"),
  "a link that is too long": card("x".repeat(16), "52:54:00:12:34:56"),
};
for (const [name, part] of Object.entries(hostile)) {
  test(`${name} is no link`, (t) => t.deepEqual(networkOf(part).links, []));
}

test("whatever a machine says of its network, facts are addresses, names and numbers, and not too many", (t) => {
  const word = fc.oneof(
    fc.constantFrom(
      "default",
      "via",
      "dev",
      "eth0",
      "inet",
      "inet6",
      "10.0.0.1/24",
      "10.0.0.1",
      "fe80::1",
      "metric",
      "nexthop",
    ),
    fc.constantFrom(
      "onlink",
      "src",
      "::/0",
      "0.0.0.0/0",
      "1.2.3.4/99",
      "2:",
      "eth0:",
      "peer",
      "valid_lft",
      "\u001b[2J",
      "::%a",
    ),
    fc.string({ maxLength: 8 }),
  );
  const line = fc.array(word, { maxLength: 9 }).map((words) => words.join(" ").replaceAll(/[\n\t]/g, " "));
  const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join("\n"));
  const property = fc.property(text, text, text, (addresses, routes4, servers) => {
    const facts = networkOf(eth0, {
      programs: {
        addresses: `2: eth0    inet 10.1.1.1/24\n${addresses}`,
        routes4,
        routes6: routes4,
        "ipv6-table": addresses,
      },
      files: { "/etc/resolv.conf": servers, "/proc/net/vlan/config": addresses },
    });
    const text_ = JSON.stringify(facts);
    for (const { destination, gateway, source } of facts.routes) {
      t.regex(destination, /^(?:default|[0-9a-f.:]+\/\d+)$/);
      t.regex(gateway ?? "::", /^[0-9a-fA-F.:]+$/);
      t.regex(source ?? "::", /^[0-9a-fA-F.:]+$/);
    }
    for (const { address, prefix } of facts.links.flatMap((link) => link.addresses)) {
      t.regex(address, /^[0-9a-f.:]+$/);
      t.true(prefix <= 128);
    }
    t.notRegex(text_, /\\u001b/);
  });
  fc.assert(property, { numRuns: 300 });
});

test("a router's routes and a host's addresses are told up to a limit", (t) => {
  const routes4 = Array.from({ length: 1900 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24 via 192.0.2.1 dev eth0`).join(
    "\n",
  );
  const addresses = Array.from({ length: 1900 }, (_, at) => `2: eth0    inet 10.${at >> 8}.${at & 255}.1/24`).join(
    "\n",
  );
  const facts = networkOf(eth0, { programs: { routes4, addresses } });
  t.is(facts.routes.length, 500);
  t.is(facts.links[0]?.addresses.length, 100);
});
