import { BlockList, isIP, SocketAddress } from "node:net";
import type { NetworkAddress } from "../network-facts.ts";

type Family = 4 | 6;

/** An address and how many of its first bits are the network's. */
interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: Family;
}

/** Reads `192.0.2.0/24`, or an address alone, which is a network of its own; `undefined` for anything else. Pure. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = "", digits] = /^([0-9A-Fa-f.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = familyOf(address);
  if (family === undefined) return undefined;
  const most = family === 4 ? 32 : 128;
  const prefix = digits === undefined ? most : Number(digits);
  return prefix > most ? undefined : { address: canonical(address, family), prefix, family };
}

/** The family of an address without a zone; `undefined` for other texts. Pure. */
export function familyOf(text: string): Family | undefined {
  const family = text.includes("%") ? 0 : isIP(text);
  return family === 4 || family === 6 ? family : undefined;
}

/** Whether an address is in the network of another one. Pure. */
export function isBeside(
  address: string,
  { address: other, prefix }: Pick<NetworkAddress, "address" | "prefix">,
): boolean {
  const family = familyOf(address);
  if (family === undefined || family !== familyOf(other)) return false;
  const list = new BlockList();
  list.addSubnet(other, prefix, nameOf(family));
  return list.check(address, nameOf(family));
}

/** Whether an address of IPv6 holds on its link alone, where the kernel makes one by itself. Pure. */
export function isLinkLocal(address: string): boolean {
  return isBeside(address, { address: "fe80::", prefix: 10 });
}

/** Whether an address leads to the machine itself. Pure. */
export function isLoopback(address: string): boolean {
  return isBeside(address, { address: "127.0.0.0", prefix: 8 }) || address === "::1";
}

/** The one way to write an address. */
function canonical(address: string, family: Family): string {
  return new SocketAddress({ address, family: nameOf(family) }).address;
}

function nameOf(family: Family): "ipv4" | "ipv6" {
  return family === 4 ? "ipv4" : "ipv6";
}
