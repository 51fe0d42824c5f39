import { join } from "node:path";
import { MiB } from "../../base/units.ts";
import type { Connection } from "../../remote/connection.ts";
import { readRecords, recordsLimit } from "../../remote/records.ts";
import { takeSnapshot } from "../../remote/snapshot.ts";
import { openTemporaryWorkspace } from "../../runtime/workspace.ts";
import { targetFactsScript } from "./facts-script.ts";
import { hostKeysScript } from "./host-keys-script.ts";
import { readFacts } from "./read-facts.ts";
import { readHostKeys } from "./host-keys.ts";
import type { TargetFacts } from "./target-facts.ts";

/**
 * Asks a machine for everything that a deployment has to know, without changing anything there. What it says is bounded, and
 * checked where it is used: names, addresses and numbers are what they seem.
 *
 * @throws MkimageError REMOTE_FAILED, COMMAND_TIMED_OUT, INTERRUPTED.
 */
export async function askFacts(connection: Connection, signal?: AbortSignal): Promise<TargetFacts> {
  const limits = { signal, deadlineSeconds: 300 };
  const records = readRecords(await connection.run(targetFactsScript, [], { ...limits, maxOutput: recordsLimit }));
  // Of what this script says, nothing may come into an error.
  const keys = await connection.run(hostKeysScript, [], { ...limits, maxOutput: MiB, shownLines: 0 });
  const workspace = await openTemporaryWorkspace();
  try {
    const folders = takeSnapshot(records, join(workspace.folder, "machine"));
    return readFacts({ records, folders, hostKeys: readHostKeys(readRecords(keys)), machine: connection.destination });
  } finally {
    workspace.remove();
  }
}
