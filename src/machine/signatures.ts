import { closeSync, openSync } from "node:fs";
import { basename } from "node:path";
import { run } from "../runtime/run.ts";
import type { DeviceSignature } from "./device.ts";
import { readGroups } from "./volume-group.ts";

/** Reads the signatures that wipefs finds on the devices; none of devices that this process may not read. */
export async function readSignatures(paths: readonly string[]): Promise<DeviceSignature[]> {
  const readable = paths.filter(isReadable);
  if (readable.length === 0) return [];
  const { stdout } = await run("wipefs", signatureArguments(readable), { deadlineSeconds: 60 });
  const signatures = parseSignatures(stdout);
  if (!signatures.some(isPhysicalVolume)) return signatures;
  return withGroups(signatures, await readGroups());
}

/** Names the volume group of each physical volume. */
export function withGroups(
  signatures: readonly DeviceSignature[],
  groups: ReadonlyMap<string, string>,
): DeviceSignature[] {
  return signatures.map((one) => (isPhysicalVolume(one) ? { ...one, label: groups.get(one.device) } : one));
}

/** Shows signatures; writes nothing. */
export function signatureArguments(paths: readonly string[]): string[] {
  return ["--no-act", "--json", "--output", "DEVICE,TYPE,LABEL", "--", ...paths];
}

/** Each kind of signature of a device once: GPT has two places, ZFS has eight. */
export function parseSignatures(json: string): DeviceSignature[] {
  if (json.trim() === "") return [];
  const { signatures } = JSON.parse(json) as { signatures: { device: string; type: string; label?: string | null }[] };
  const found = signatures.map(({ device, type, label }) => ({
    device: basename(device),
    type,
    label: label ?? undefined,
  }));
  return [...new Map(found.map((signature) => [`${signature.device} ${signature.type}`, signature])).values()];
}

function isPhysicalVolume({ type }: DeviceSignature): boolean {
  return type === "LVM2_member";
}

function isReadable(path: string): boolean {
  try {
    closeSync(openSync(path, "r"));
    return true;
  } catch {
    return false;
  }
}
