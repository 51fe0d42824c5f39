import type { ErrorCode } from "../base/errors.ts";
import type { Bytes } from "../base/units.ts";
import { byteString, type ByteString } from "../base/byte-string.ts";
import { quote, quoteArguments } from "../base/quote.ts";
import type { ArchiveEntry } from "./cpio.ts";

/** One command that a guest runs, as root, in its own small userland of busybox. */
export interface JobStep {
  /** Its action, for people: `install the bootloader`. */
  readonly title: string;
  readonly argv: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Standard input. Default: nothing. */
  readonly input?: Uint8Array;
  /** The code of the error when the command fails. Default: GUEST_FAILED. */
  readonly failure?: ErrorCode;
}

/** A file that a job brings along. */
export interface JobFile {
  /** Relative to `/job` in the guest. */
  readonly path: ByteString;
  readonly bytes: Uint8Array;
  /** Default: 0644. */
  readonly mode?: number;
}

/** The input of a guest, and the results that it must return. */
export interface GuestJob {
  readonly steps: readonly JobStep[];
  readonly files?: readonly JobFile[];
  /** As `files`, but of mode 0600, and kept in memory only on the host too. */
  readonly secrets?: readonly JobFile[];
  /** Kernel modules beyond those that every guest has: `vfat`, `efivarfs`, `dm_mod`. A built-in one is fine. */
  readonly modules?: readonly string[];
  /** The most that may come back, as files in `/results/files`, and again by `/vm/capture`. Default: 4 GiB. */
  readonly resultsLimit?: Bytes;
}

/** A text that a job brings along. */
export function textFile(path: string, contents: string): JobFile {
  return { path: byteString(path), bytes: Buffer.from(contents) };
}

/** One job after another, in the same guest. */
export function inTurn(first: GuestJob, second: GuestJob): GuestJob {
  const secrets = [...(first.secrets ?? []), ...(second.secrets ?? [])];
  return {
    ...second,
    modules: [...new Set([...(first.modules ?? []), ...(second.modules ?? [])])],
    files: [...(first.files ?? []), ...(second.files ?? [])],
    ...(secrets.length === 0 ? {} : { secrets }),
    steps: [...first.steps, ...second.steps],
  };
}

/** The job as the guest's `init` reads it from `/job`. */
export function jobEntries(job: GuestJob): ArchiveEntry[] {
  return [
    { path: "job", type: "directory", mode: 0o700 },
    text("job/count", `${job.steps.length}\n`),
    ...job.steps.flatMap((step, index) => stepEntries(step, index)),
    ...(job.files ?? []).map((file) => entry(file, file.mode ?? 0o644)),
    ...(job.secrets ?? []).map((file) => entry(file, 0o600)),
  ];
}

function stepEntries(step: JobStep, index: number): ArchiveEntry[] {
  const input = step.input === undefined ? [] : [{ path: `step/${index}/input`, bytes: step.input }];
  return [text(`job/step/${index}/run`, stepScript(step)), ...input.map((file) => entry(file, 0o600))];
}

/** The shell that runs a step's command. */
export function stepScript(step: JobStep): string {
  const variables = Object.entries(step.environment ?? {}).map(([name, value]) => `export ${name}=${quote(value)}\n`);
  return `${variables.join("")}exec ${quoteArguments(step.argv)}\n`;
}

function entry(file: JobFile, mode: number): ArchiveEntry {
  return { path: `job/${file.path}`, type: "file", mode, bytes: file.bytes };
}

function text(path: string, contents: string): ArchiveEntry {
  return { path: byteString(path), type: "file", mode: 0o600, bytes: Buffer.from(contents) };
}
