import { openSync, writeSync, closeSync, statSync } from "node:fs";
import { execFileSync } from "node:child_process";
import type { ExecutionContext } from "ava";
import { DiskBytes } from "../../src/image/disk-bytes.ts";
import { RawDisk } from "../../src/image/raw-disk.ts";
import { byteString } from "../../src/base/byte-string.ts";
import { silentTask, type TaskReporter } from "../../src/runtime/reporter.ts";

/** Runs another program; what it says is part of the failure when it fails. */
export function tool(name: string, ...arguments_: readonly string[]): string {
  const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`, LC_ALL: "C.UTF-8", TZ: "UTC" };
  return execFileSync(name, arguments_, { encoding: "utf8", env, stdio: ["ignore", "pipe", "pipe"] });
}

/** The bytes of an image file, as long as the test runs. */
export function bytesOf(t: ExecutionContext, path: string): DiskBytes {
  const descriptor = openSync(path, "r");
  t.teardown(() => closeSync(descriptor));
  return new DiskBytes(new RawDisk(descriptor, byteString(path)), 0, statSync(path).size);
}

/** Changes bytes of an image file. */
export function overwrite(path: string, offset: number, bytes: Uint8Array): void {
  const descriptor = openSync(path, "r+");
  writeSync(descriptor, bytes, 0, bytes.length, offset);
  closeSync(descriptor);
}

/** Does what is asked with a reporter that says nothing. */
export const silent = {
  note: () => {},
  task: <Result>(_title: string, work: (task: TaskReporter) => Promise<Result>) => work(silentTask),
};
