import { join } from "node:path";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import type { ExecutionContext } from "ava";
import { readFacts } from "../../../src/deploy/facts/read-facts.ts";
import { type Said, saidIn } from "../../../src/deploy/facts/said.ts";
import type { TargetFacts } from "../../../src/deploy/facts/target-facts.ts";
import { type MachineRecords, readRecords } from "../../../src/remote/records.ts";
import { takeSnapshot } from "../../../src/remote/snapshot.ts";

/** The facts of a machine, in place of what a script prints of it. */
export interface RecordedMachine {
  /** The texts of files. */
  readonly files?: Readonly<Record<string, string>>;
  /** The output of `ip` and others. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly folders?: readonly string[];
  /** Any further records. */
  readonly records?: readonly string[];
}

export function recordsOf({ files = {}, programs = {}, folders = [], records = [] }: RecordedMachine): MachineRecords {
  const lines = (text: string) => text.replace(/\n$/, "").split("\n");
  return readRecords(
    [
      ...records,
      ...Object.entries(files).flatMap(([path, text]) => lines(text).map((line) => `T\t${path}\t${line}`)),
      ...Object.entries(programs).flatMap(([name, text]) => lines(text).map((line) => `C\t${name}\t${line}`)),
      ...folders.map((path) => `D\t${path}`),
      "E",
      "",
    ].join("\n"),
  );
}

export function saidBy(machine: RecordedMachine): Said {
  return saidIn(recordsOf(machine));
}

export function factsOf(t: Pick<ExecutionContext, "teardown">, machine: RecordedMachine): TargetFacts {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-recorded-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const records = recordsOf(machine);
  return readFacts({ records, folders: takeSnapshot(records, join(folder, "machine")), hostKeys: [], machine: "host" });
}

/** The files of a network card. */
export function card(name: string, mac: string, further: Readonly<Record<string, string>> = {}): RecordedMachine {
  const folder = `/sys/class/net/${name}`;
  const own = Object.entries(further).map(([file, text]) => [`${folder}/${file}`, text] as const);
  return {
    files: {
      [`${folder}/address`]: mac,
      [`${folder}/mtu`]: "1500",
      [`${folder}/flags`]: "0x1003",
      ...Object.fromEntries(own),
    },
  };
}

/** Several parts of one machine. */
export function together(...parts: readonly RecordedMachine[]): RecordedMachine {
  return {
    files: Object.assign({}, ...parts.map(({ files }) => files)),
    programs: Object.assign({}, ...parts.map(({ programs }) => programs)),
    folders: parts.flatMap(({ folders = [] }) => folders),
    records: parts.flatMap(({ records = [] }) => records),
  };
}
