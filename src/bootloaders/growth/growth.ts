import { filesystemOf } from "../../filesystems/registry.ts";
import type { Finding, Growth } from "./finding.ts";
import { parseFstab } from "./fstab.ts";
import { hasProgram, type Initrd, memberAt } from "./initrd.ts";
import { definitionsIn, partitionTypesOf, type RepartDefinition } from "./repart.ts";

/** The facts that the files of a system state about its growth. */
export interface GrowthFacts {
  /** The text of `etc/fstab`. */
  readonly fstab: string;
  /** The names of the units that others want or require in `etc/systemd/system`. */
  readonly wantedUnits: ReadonlySet<string>;
  /** The names of all units there. */
  readonly units: ReadonlySet<string>;
  /** The definitions in `etc/repart.d`. */
  readonly repart: readonly RepartDefinition[];
  /** `null`: the system has none. */
  readonly initrd: Initrd | null;
}

/**
 * Decides from a system's files whether it grows. Pure. A program that lies in an initrd proves nothing: something there
 * has to call it.
 *
 * Source: systemd.mount(5) x-systemd.growfs, repart.d(5); NixOS's boot.growPartition and autoResize before and after 23.11.
 */
export function decideGrowth(facts: GrowthFacts): Growth {
  return { partition: partitionGrowth(facts), filesystem: filesystemGrowth(facts) };
}

/** Whether a system grows, in a line for people. */
export function describeGrowth({ partition, filesystem }: Growth): string {
  const text = (name: string, { how, reason }: Finding) => `${name} ${how === null ? "no" : "yes"} (${reason})`;
  return `${text("root partition", partition)}, ${text("filesystem", filesystem)}`;
}

function partitionGrowth({ wantedUnits, units, repart, initrd }: GrowthFacts): Finding {
  if (wantedUnits.has("growpart.service")) return { how: "growpart", reason: "growpart.service runs at boot" };
  if (repart.length > 0 && units.has("systemd-repart.service")) return repartFinding("the system", repart);
  if (initrd === null) return { how: null, reason: "no service grows it, and there is no initrd" };
  const definitions = definitionsIn(initrd);
  if (definitions.length > 0 && hasProgram(initrd, "systemd-repart")) return repartFinding("the initrd", definitions);
  const caller = callInInitrd(initrd, partitionCalls);
  if (caller !== undefined) return { how: "initrd", reason: `the initrd's init calls ${caller}` };
  return { how: null, reason: `no service grows it, nor does the initrd${faultOf(initrd)}` };
}

function repartFinding(where: string, definitions: readonly RepartDefinition[]): Finding {
  const names = definitions.map(({ type }) => type).join(", ");
  return {
    how: "repart",
    reason: `systemd-repart in ${where} grows partitions of type ${names}`,
    types: partitionTypesOf(definitions),
  };
}

function filesystemGrowth({ fstab, initrd }: GrowthFacts): Finding {
  const root = parseFstab(fstab).find(({ mountPoint }) => mountPoint === "/");
  const type = root?.type ?? "auto";
  if (root?.options.includes("x-systemd.growfs") === true) {
    return type === "auto" || filesystemOf(type).growth.bySystemd
      ? { how: "growfs", reason: "x-systemd.growfs in /etc/fstab" }
      : { how: null, reason: `x-systemd.growfs in /etc/fstab, but systemd cannot grow ${type}` };
  }
  if (initrd === null) return { how: null, reason: "no x-systemd.growfs in /etc/fstab, and there is no initrd" };
  const caller = callInInitrd(initrd, filesystemCalls(type, root?.options.includes("x-nixos.autoresize") === true));
  if (caller !== undefined) return { how: "initrd", reason: `the initrd's init calls ${caller}` };
  return {
    how: null,
    reason: `no x-systemd.growfs in /etc/fstab, and the initrd does not grow it either${faultOf(initrd)}`,
  };
}

/** A program, and the pattern of a line of a script with which it changes something. */
interface Call {
  readonly program: string;
  readonly line: RegExp;
  /** A second pattern that has to match behind `line` in the same line. A pattern with both would try every pair. */
  readonly behind?: RegExp;
  /** Calls in a script that asks for the option first do not count without it. */
  readonly unlessAsked?: string;
}

const partitionCalls: readonly Call[] = [
  { program: "growpart", line: /\bgrowpart\b/ },
  { program: "sfdisk", line: /\bsfdisk\b/, behind: /\s(-N|--partno)\b/ },
  { program: "parted", line: /\bparted\b/, behind: /\bresizepart\b/ },
];

function filesystemCalls(type: string, isAsked: boolean): Call[] {
  const program = type === "auto" ? "resize2fs" : filesystemOf(type).growth.byScripts;
  if (program === null) return [];
  const line = new RegExp(`\\b${program.replaceAll(".", "\\.")}\\b`);
  return [{ program, line, ...(isAsked ? {} : { unlessAsked: "x-nixos.autoresize" }) }];
}

/** The first of the programs that the initrd has and that its `init`, where that is a script, calls. */
function callInInitrd(initrd: Initrd, calls: readonly Call[]): string | undefined {
  const script = Buffer.from(memberAt(initrd, "init")?.bytes ?? []).toString("latin1");
  if (!script.startsWith("#!")) return undefined;
  const lines = script.split("\n").filter((line) => !/^\s*#/.test(line));
  return calls.find(({ program, unlessAsked, ...call }) => {
    if (unlessAsked !== undefined && script.includes(unlessAsked)) return false;
    return hasProgram(initrd, program) && lines.some((text) => isCall(text, call));
  })?.program;
}

function isCall(text: string, { line, behind }: Pick<Call, "line" | "behind">): boolean {
  const at = text.search(line);
  return at !== -1 && (behind?.test(text.slice(at)) ?? true);
}

function faultOf({ fault }: Initrd): string {
  return fault === null ? "" : `, as far as that can be read: ${fault}`;
}
