import { execFileSync } from "node:child_process";
import test from "ava";
import fc from "fast-check";
import { networkFunctions } from "../../../src/deploy/rescue/network-functions.ts";
import { needsIproute, networkScript, resolverFile } from "../../../src/deploy/rescue/network-script.ts";
import type { NetworkFacts } from "../../../src/deploy/facts/network-facts.ts";
import { findTool } from "../../../src/runtime/tools.ts";
import { bonded, facts, link, rented, route } from "./networks.ts";

/** The commands, without the functions that they call. */
function commands(network: NetworkFacts): string[] {
  const script = networkScript(network);
  return script.slice(networkFunctions.length).trimEnd().split("\n");
}

test("an address whose gateway is not beside it", (t) => {
  t.deepEqual(commands(rented), [
    "take_card 0 52:54:00:00:00:01",
    "name_card 0 eth0",
    "try ip link set dev eth0 mtu 1500",
    "ip link set dev lo up",
    "raise eth0",
    "set_address eth0 203.0.113.7/32",
    "set_address eth0 2001:db8:1::2/64",
    "try ip -4 route add default via 172.31.1.1 dev eth0 onlink src 203.0.113.7",
    "try ip -6 route add default via fe80::1 dev eth0 metric 1024",
  ]);
});

test("a VLAN on a bond: what it is made of comes first, and tunnels are left out with their routes", (t) => {
  t.deepEqual(commands(bonded), [
    "take_card 0 52:54:00:00:00:02",
    "take_card 1 52:54:00:00:00:01",
    "take_card 2 52:54:00:00:00:03",
    "name_card 0 eth1",
    "name_card 1 eth0",
    "name_card 2 eth2",
    "try ip link set dev eth1 mtu 1500",
    "try ip link set dev eth0 mtu 1500",
    "make_bond bond0",
    "try set_bond bond0 mode active-backup",
    "set_bond bond0 miimon 100",
    "set_bond bond0 arp_ip_target +192.0.2.1",
    "set_bond bond0 arp_ip_target +192.0.2.2",
    "try set_bond bond0 slaves +eth1",
    "try set_bond bond0 slaves +eth0",
    "try set_bond bond0 primary eth1",
    "try ip link set dev bond0 address 52:54:00:00:00:01",
    "try ip link set dev bond0 mtu 1500",
    "try ip link add link bond0 name bond0.40 type vlan id 40",
    "try ip link set dev bond0.40 address 52:54:00:00:00:01",
    "try ip link set dev bond0.40 mtu 1400",
    "try ip link set dev eth2 mtu 1500",
    "ip link set dev lo up",
    "raise eth1",
    "raise eth0",
    "raise bond0",
    "raise bond0.40",
    "set_address bond0.40 192.0.2.10/24",
    "try ip -4 route add default via 192.0.2.1 dev bond0.40",
  ]);
});

test("a gateway of the other family is named as one, which takes more than busybox's program", (t) => {
  const network = facts([link("eth0")], [route({ gateway: "fe80::1" })]);
  t.true(commands(network).includes("try ip -4 route add default via inet6 fe80::1 dev eth0"));
  t.true(needsIproute(network));
  t.false(needsIproute(rented));
});

test("a bridge has its members", (t) => {
  const bridge = link("br0", { kind: { type: "bridge", members: ["eth0"] } });
  const made = commands(facts([bridge, link("eth0")]));
  t.true(made.includes("try ip link add name br0 type bridge"));
  t.true(made.includes("try ip link set dev eth0 master br0"));
});

test("a lent address is set as it was, and asked for again", (t) => {
  const lent = { address: "10.0.2.15", prefix: 24, isLent: true };
  const given = { address: "2001:db8::5", prefix: 64, isLent: true };
  const made = commands(facts([link("eth0", { addresses: [given, lent] })]));
  t.true(made.includes("set_address eth0 10.0.2.15/24"));
  t.deepEqual(
    made.filter((line) => line.startsWith("udhcpc")),
    ["udhcpc -i eth0 -r 10.0.2.15 -s /vm/lease -b >/dev/null 2>&1 &"],
  );
});

test("a gateway is set when the way to it is there", (t) => {
  const made = commands(facts([link("eth0")], [route({ gateway: "10.0.0.1" }), route({ destination: "10.0.0.1/32" })]));
  const routes = made.filter((line) => line.includes(" route "));
  t.deepEqual(routes, [
    "try ip -4 route add 10.0.0.1/32 dev eth0",
    "try ip -4 route add default via 10.0.0.1 dev eth0",
  ]);
});

test("links that are made of each other end nothing", (t) => {
  const one = link("a", { kind: { type: "vlan", parent: "b", id: 1 } });
  const other = link("b", { kind: { type: "vlan", parent: "a", id: 2 } });
  t.notThrows(() => networkScript(facts([one, other])));
});

test("busybox and shellcheck can read the script of any network, whatever its links are called", (t) => {
  const names = fc.string({ minLength: 1, maxLength: 15 }).filter((name) => !/[\0/\s]/.test(name));
  const property = fc.property(names, names, (name, parent) => {
    const vlan = link(name, { kind: { type: "vlan", parent, id: 1 } });
    const input = networkScript(facts([vlan, link(parent)], [route({ link: name })]));
    execFileSync(findTool("busybox"), ["sh", "-n"], { input });
    return true;
  });
  t.notThrows(() => fc.assert(property, { numRuns: 20 }));
  for (const network of [rented, bonded])
    t.notThrows(() => execFileSync("shellcheck", ["--shell=dash", "-"], { input: networkScript(network) }));
});

test("the resolver asks whom it asked before", (t) => {
  t.is(resolverFile(rented), "search example.org\nnameserver 185.12.64.1\nnameserver 2a01:4ff:ff00::add:1\n");
  t.is(resolverFile(facts([])), "");
});
