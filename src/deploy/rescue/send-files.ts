import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { MkimageError } from "../../base/errors.ts";
import { type Bytes, KiB } from "../../base/units.ts";
import type { Connection } from "../../remote/connection.ts";
import { filesScript } from "./kexec-scripts.ts";

/** A file for a folder of another machine. */
export interface SentFile {
  readonly name: string;
  readonly bytes: Buffer;
  /** In octal digits. */
  readonly mode: string;
}

interface Sending {
  readonly signal?: AbortSignal | undefined;
  readonly onSent: (sent: Bytes, total: Bytes) => void;
}

/**
 * Sends files into a folder of another machine in one stream, and has it tell their checksums.
 *
 * @throws MkimageError REMOTE_FAILED when they are not there as they were sent; INTERRUPTED.
 */
export async function sendFiles(
  connection: Connection,
  folder: string,
  files: readonly SentFile[],
  { signal, onSent }: Sending,
): Promise<void> {
  const input = Readable.from(streamOf(files, onSent), { objectMode: false, highWaterMark: blockSize });
  const options = { input, signal, deadlineSeconds: longestSending };
  const sums = await connection.run(filesScript, [folder], options);
  const damaged = files.filter(({ name, bytes }) => !sums.split("\n").includes(`${sha256(bytes)}  ${name}`));
  if (damaged.length === 0) return;
  const names = damaged.map(({ name }) => name).join(", ");
  throw new MkimageError("REMOTE_FAILED", `${connection.destination} did not get as it was sent: ${names}`, {
    hint: "its memory may be too small or bad; it goes on as before: try again",
  });
}

/** A connection that is dead is noticed by ssh, and one that lives may be slow. */
const longestSending = 24 * 3600;
const blockSize: Bytes = 64 * KiB;

function* streamOf(files: readonly SentFile[], onSent: Sending["onSent"]): Generator<Buffer> {
  const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  let sent = 0;
  for (const { name, mode, bytes } of files) {
    const blocks = Math.floor(bytes.length / blockSize);
    yield Buffer.from(`${name} ${mode} ${blocks} ${bytes.length % blockSize}\n`);
    for (let start = 0; start < bytes.length; start += blockSize) {
      const piece = bytes.subarray(start, start + blockSize);
      yield piece;
      sent += piece.length;
      onSent(sent, total);
    }
  }
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
