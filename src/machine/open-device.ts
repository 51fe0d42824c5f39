import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import type { Bytes } from "../base/units.ts";
import { run } from "../runtime/run.ts";
import type { Device } from "./device.ts";
import { holdDisks } from "./hold-disks.ts";
import { deviceNumber } from "./block-nodes.ts";
import { nameOfNumber, readIdentity, type DeviceIdentity } from "./inspect-device.ts";
import { runningSystem } from "./system-files.ts";

/** A device that is ours alone, opened once and past the cache, and locked until it is closed. */
export interface OpenDevice extends AsyncDisposable {
  readonly device: Device;
  readonly file: FileHandle;
}

/** The path by which a program reaches the descriptor that it inherits as its standard input. */
export const inheritedPath = "/proc/self/fd/0";

/**
 * Opens the device that was inspected, and nothing else: a device that has taken its name since is refused.
 *
 * @throws MkimageError REFUSED_DEVICE when it is busy, locked, not ours to open, or another one than was shown.
 */
export async function openDevice(device: Device): Promise<OpenDevice> {
  const held = await holdDisks([device]);
  try {
    const { file, opened } = await openLocked(device);
    const close = () => closeAll(opened).finally(held.release);
    return { device, file, [Symbol.asyncDispose]: close };
  } catch (error) {
    held.release();
    throw error;
  }
}

async function openLocked(device: Device): Promise<{ readonly file: FileHandle; readonly opened: FileHandle[] }> {
  const { O_RDWR, O_EXCL, O_DIRECT } = constants;
  const file = await openFile(device.path, O_RDWR | O_EXCL | O_DIRECT);
  const opened = [file];
  try {
    await requireSame(device, file);
    const disk = device.partitionOf;
    if (disk !== undefined) opened.push(await openFile(join(runningSystem.dev, disk), constants.O_RDONLY));
    await lock(device.path, opened.at(-1) ?? file);
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
  return { file, opened };
}

/** Prints the size in bytes. */
function sizeArguments(path: string): string[] {
  return ["--getsize64", path];
}

/**
 * Locks standard input. The lock belongs to the open file, so it stays with us when flock has ended. udev leaves a
 * locked disk alone; what it looks at right now it lets go of within moments.
 */
function lockArguments(): string[] {
  return ["--exclusive", "--wait", "5", "0"];
}

async function openFile(path: string, flags: number): Promise<FileHandle> {
  try {
    return await open(path, flags);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new MkimageError(
      "REFUSED_DEVICE",
      `${path} cannot be opened: ${reasons[code ?? ""] ?? (error as Error).message}`,
      {
        hint:
          code === "EACCES" || code === "EPERM"
            ? "writing to a disk needs root: use sudo"
            : "find its user: lsblk, fuser -v, dmsetup ls",
        cause: error,
      },
    );
  }
}

const reasons: Readonly<Record<string, string>> = {
  EBUSY: "something uses it (EBUSY)",
  EACCES: "permission denied (EACCES)",
  EPERM: "permission denied (EPERM)",
  EROFS: "it is read-only (EROFS)",
  ENOENT: "it is gone (ENOENT)",
  ENXIO: "it is gone (ENXIO)",
  ENOMEDIUM: "it has no medium (ENOMEDIUM)",
};

async function requireSame(device: Device, file: FileHandle): Promise<void> {
  const number = deviceNumber(await file.stat());
  const now = readIdentity(runningSystem, nameOfNumber(runningSystem, number, device.path));
  const size = await sizeOf(file);
  const changes = describeChanges(device, { ...now, number, size });
  if (changes.length === 0) return;
  throw new MkimageError("REFUSED_DEVICE", `${device.path} is another device than the one that was checked`, {
    details: changes,
    hint: "disks were plugged in or out: look with lsblk and start again",
  });
}

async function sizeOf(file: FileHandle): Promise<Bytes> {
  const { stdout } = await run("blockdev", sizeArguments(inheritedPath), { descriptor: file.fd, deadlineSeconds: 30 });
  return Number(stdout);
}

/** How a device differs from what it was: empty when it is the same. */
export function describeChanges(before: DeviceIdentity, now: DeviceIdentity): string[] {
  return (["number", "sequence", "model", "serial", "size"] as const)
    .filter((key) => before[key] !== now[key])
    .map((key) => `${key}: was ${before[key] ?? "unknown"}, is ${now[key] ?? "unknown"}`);
}

async function lock(path: string, file: FileHandle): Promise<void> {
  try {
    await run("flock", lockArguments(), { descriptor: file.fd, deadlineSeconds: 30 });
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code !== "COMMAND_FAILED") throw error;
    throw new MkimageError("REFUSED_DEVICE", `another program holds the lock of ${path}`, {
      details: error.details,
      hint: "wait until it has ended, or find it: lslocks",
      cause: error,
    });
  }
}

async function closeAll(files: readonly FileHandle[]): Promise<void> {
  for (const file of files) await file.close();
}
