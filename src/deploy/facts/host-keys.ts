import { KiB } from "../../base/units.ts";
import type { MachineRecords } from "../../remote/records.ts";
import { fromDropbear } from "./dropbear-key.ts";
import { publicHalf } from "./public-half.ts";
import type { HostKeyFile } from "./target-facts.ts";

const largestKey = 16 * KiB;
const mostKeys = 40;

/**
 * Reads the host keys that a machine said through `hostKeysScript`. Those of dropbear become ones of OpenSSH, which is what
 * answers later, so that the machine stays the one that is known; where a machine has both kinds, OpenSSH's are taken. A private
 * key comes with the public one that belongs to it, whether its file is there or not. Pure.
 */
export function readHostKeys(records: MachineRecords): HostKeyFile[] {
  const files = records
    .of("H")
    .slice(0, mostKeys)
    .map(([path = "", hex = ""]) => ({
      path,
      name: path.slice(path.lastIndexOf("/") + 1),
      bytes: Buffer.from(hex, "hex"),
    }))
    .filter(({ name, bytes }) => /^\w[\w.-]{0,99}$/.test(name) && bytes.length > 0 && bytes.length <= largestKey);
  const ours = files
    .filter(({ bytes }) => isPrivate(bytes) || isPublic(bytes))
    .map(({ name, bytes }) => ({ name, bytes }));
  const others = files.flatMap(({ path, bytes }) => (path.startsWith("/etc/dropbear/") ? fromDropbear(bytes) : []));
  const byName = new Map([...others, ...ours.toReversed()].map((file) => [file.name, file]));
  const halves = [...byName.values()].flatMap(({ name, bytes }): (readonly [string, HostKeyFile])[] => {
    const half = isPrivate(Buffer.from(bytes)) ? publicHalf(bytes) : undefined;
    const path = `${name}.pub`;
    return half === undefined ? [] : [[path, matching(byName.get(path), half) ?? publicFile(path, half)]];
  });
  return [...new Map([...byName, ...halves]).values()];
}

/** The file of a public key, if it is the one that belongs to a private key. */
function matching(file: HostKeyFile | undefined, half: string): HostKeyFile | undefined {
  const text = file === undefined ? "" : Buffer.from(file.bytes).toString("latin1");
  return text.trimEnd() === half || text.startsWith(`${half} `) ? file : undefined;
}

function publicFile(name: string, half: string): HostKeyFile {
  return { name, bytes: Buffer.from(`${half}\n`) };
}

function isPrivate(bytes: Buffer): boolean {
  return bytes.toString("latin1").startsWith("-----BEGIN ");
}

function isPublic(bytes: Buffer): boolean {
  return /^(?:ssh|ecdsa|sk)-[\w@.-]+ [A-Za-z0-9+/=]+[^\p{Cc}]*\n?$/u.test(bytes.toString("utf8"));
}
