import { createHash } from "node:crypto";
import { createReadStream, lstatSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { namingAll } from "../../runtime/naming.ts";
import { reportName } from "./output-folder.ts";

/** One file of the output, as `image.json` lists it. */
interface ReportedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256?: string;
}

/** Writes `image.json`: what the build says of itself, and the files that are there now. */
export async function writeReport(folder: string, facts: object, withChecksums: boolean): Promise<void> {
  const files = await Promise.all(filesIn(folder).map((name) => fileEntry(folder, name, withChecksums)));
  writeFileSync(join(folder, reportName), `${JSON.stringify({ ...facts, files }, null, 2)}\n`);
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name !== reportName)
    .map((entry) => entry.name)
    .sort();
}

async function fileEntry(folder: string, name: string, withChecksums: boolean): Promise<ReportedFile> {
  const path = join(folder, name);
  const entry = { name, bytes: lstatSync(path).size };
  return withChecksums ? { ...entry, sha256: await sha256Of(path) } : entry;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await namingAll(path, () => pipeline(createReadStream(path, { highWaterMark: 1024 ** 2 }), hash));
  return hash.digest("hex");
}
