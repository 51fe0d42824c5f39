import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import type { NetworkFacts } from "../../src/deploy/facts/network-facts.ts";
import { needsIproute, networkScript } from "../../src/deploy/rescue/network-script.ts";
import { facts, link, rented, route } from "../deploy/rescue/networks.ts";
import { type Scope, temporaryFolder } from "./loop-device.ts";

/** Runs a network script, as a rescue system does, in a network of its own, and says what the kernel has then. */
function inNetwork(t: Scope, network: NetworkFacts, prepare: string): { said: string; ip(command: string): unknown } {
  // The shell of a rescue system takes programs of its toolbox first, busybox's its own.
  const shell = needsIproute(network) ? "sh" : "busybox sh";
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "script"), networkScript(network));
  writeFileSync(
    join(folder, "run"),
    `mount -t sysfs sysfs /sys
${prepare}
${shell} "$1/script" >"$1/said" 2>&1
ip -json address >"$1/address"
ip -json -4 route >"$1/route4"
ip -json -6 route >"$1/route6"
`,
  );
  execFileSync("unshare", ["--net", "--mount", "sh", "-eu", join(folder, "run"), folder], { stdio: "inherit" });
  const read = (name: string) => execFileSync("cat", [join(folder, name)], { encoding: "utf8" });
  return { said: read("said"), ip: (name) => JSON.parse(read(name)) };
}

/** A cable, whose other end is called like what has it. */
function card(name: string, mac: string): string {
  return `ip link add ${name} type veth peer name x-${name}; ip link set ${name} address ${mac}; ip link set x-${name} up`;
}

test.serial("a card gets its name, address and a gateway that is not beside it", (t) => {
  const { said, ip } = inNetwork(t, rented, card("enp0s3", "52:54:00:00:00:01"));
  t.is(said, "");
  t.like(ip("route4"), [{ dst: "default", gateway: "172.31.1.1", dev: "eth0", prefsrc: "203.0.113.7" }]);
  t.like(
    (ip("route6") as { dst: string }[]).find(({ dst }) => dst === "default"),
    { gateway: "fe80::1", dev: "eth0", metric: 1024 },
  );
  const found = ip("address") as { ifname: string; addr_info: { local: string; tentative?: true }[] }[];
  const eth0 = found.find(({ ifname }) => ifname === "eth0");
  const locals = eth0?.addr_info.map(({ local }) => local) ?? [];
  for (const address of ["203.0.113.7", "2001:db8:1::2"]) t.true(locals.includes(address));
  t.false(eth0?.addr_info.some(({ tentative }) => tentative === true));
});

test.serial("an address of IPv4 has its gateway in IPv6", (t) => {
  const own = link("eth0", { addresses: [{ address: "203.0.113.7", prefix: 32, isLent: false }] });
  const { said, ip } = inNetwork(t, facts([own], [route({ gateway: "fe80::1" })]), card("enp0s3", "52:54:00:00:00:01"));
  t.is(said, "");
  t.like(ip("route4"), [{ dst: "default", via: { family: "inet6", host: "fe80::1" }, dev: "eth0" }]);
});

test.serial("two cards that have each other's names change them", (t) => {
  const network = facts([link("eth0", { mac: "52:54:00:00:00:01" }), link("eth1", { mac: "52:54:00:00:00:02" })]);
  const cards = [card("eth1", "52:54:00:00:00:01"), card("eth0", "52:54:00:00:00:02"), "ip link add eth7 type bridge"];
  const { said, ip } = inNetwork(t, network, cards.join("\n"));
  t.is(said, "");
  const links = ip("address") as { ifname: string; address: string }[];
  const named = Object.fromEntries(links.map(({ ifname, address }) => [ifname, address]));
  t.is(named["eth0"], "52:54:00:00:00:01");
  t.is(named["eth1"], "52:54:00:00:00:02");
  t.true("eth7" in named);
});

test.serial("a card that another one has the name of pushes it aside", (t) => {
  const network = facts([link("eth0", { mac: "52:54:00:00:00:01" })]);
  const cards = [card("eth0", "52:54:00:00:00:02"), card("eth1", "52:54:00:00:00:01")];
  const links = inNetwork(t, network, cards.join("\n")).ip("address") as { ifname: string; address: string }[];
  t.is(links.find(({ address }) => address === "52:54:00:00:00:01")?.ifname, "eth0");
});

test.serial("what cannot be made is said, and the rest is made", (t) => {
  const network = facts(
    [
      link("gone", { mac: "52:54:00:00:00:09", kind: { type: "vlan", parent: "nowhere", id: 7 } }),
      link("eth0", { addresses: [{ address: "192.0.2.5", prefix: 24, isLent: false }] }),
    ],
    [route({ gateway: "192.0.2.1" })],
  );
  const { said, ip } = inNetwork(t, network, card("enp0s3", "52:54:00:00:00:01"));
  t.regex(said, /mkimage-rescue: failed: ip link add link nowhere name gone/);
  t.like(ip("route4"), [{ dst: "default", gateway: "192.0.2.1", dev: "eth0" }]);
});
