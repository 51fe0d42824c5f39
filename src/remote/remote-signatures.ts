import type { DeviceSignature } from "../machine/device.ts";
import { parseSignatures, withGroups } from "../machine/signatures.ts";
import type { SystemFolders } from "../machine/system-files.ts";
import { parseGroups } from "../machine/volume-group.ts";
import type { MachineRecords } from "./records.ts";

/** The signatures that wipefs found on the devices of another machine, with the groups that pvs knows. */
export function remoteSignatures(records: MachineRecords, folders: SystemFolders): DeviceSignature[] {
  const answers = Map.groupBy(records.of("S"), ([node = ""]) => node).values();
  const signatures = answers.flatMap((lines) => {
    const json = lines.map(([, ...text]) => text.join("\t")).join("\n");
    return (parsed(() => parseSignatures(json)) ?? []).filter(isSignature);
  });
  const groups = records.of("G").map((text) => text.join("\t"));
  return withGroups([...signatures], parsed(() => parseGroups(groups.join("\n"), folders)) ?? new Map());
}

/** Another machine's JSON may have anything in the place of a text. */
function isSignature({ type, label }: DeviceSignature): boolean {
  return typeof type === "string" && (label === undefined || typeof label === "string");
}

/** A program that is not there prints nothing, which is no JSON; one that is another than it seems prints other JSON. */
function parsed<Result>(parse: () => Result): Result | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
