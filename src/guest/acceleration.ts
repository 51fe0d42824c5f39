import { accessSync, constants, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { cacheFolder } from "../runtime/cache-folder.ts";
import { makeFolder } from "../runtime/make-folder.ts";
import { findTool } from "../runtime/tools.ts";
import { architectures, type Architecture } from "./architecture.ts";
import { probeKvm } from "./probe.ts";
import type { Acceleration } from "./qemu.ts";

/** `--accel`. */
export type AccelerationRequest = "auto" | Acceleration;

interface ChosenAcceleration {
  readonly acceleration: Acceleration;
  /** Why `auto` does without KVM, for the user. */
  readonly note?: string;
}

interface Circumstances {
  readonly architecture: Architecture;
  readonly signal?: AbortSignal;
  /** Where answers are remembered until this machine is restarted. Default: `mkimage` in the user's cache folder. */
  readonly cacheFolder?: string;
  /** Default: `/dev/kvm`. */
  readonly device?: string;
}

/**
 * How a guest is accelerated. `auto` takes KVM only after a guest of a few instructions has run under it.
 *
 * @throws MkimageError GUEST_FAILED when KVM was asked for and does not work; MISSING_TOOL; INTERRUPTED.
 */
export async function chooseAcceleration(
  request: AccelerationRequest,
  circumstances: Circumstances,
): Promise<ChosenAcceleration> {
  if (request === "tcg") return { acceleration: "tcg" };
  const fault = await kvmFault(circumstances);
  if (fault === undefined) return { acceleration: "kvm" };
  if (request === "auto") return { acceleration: "tcg", note: `guests run without KVM, which is slower: ${fault}` };
  throw new MkimageError("GUEST_FAILED", `KVM was asked for, but does not work here: ${fault}`, {
    hint: "use --accel auto or --accel tcg; after a change of this machine, remove the remembered answer in ~/.cache/mkimage",
  });
}

async function kvmFault(circumstances: Circumstances): Promise<string | undefined> {
  const { architecture, signal, device = "/dev/kvm" } = circumstances;
  if (architectures[architecture].nodeName !== process.arch) return `${architecture} is not this machine's processor`;
  if (!mayOpen(device)) return `${device} is not there, or this user may not open it`;
  const cache = join(circumstances.cacheFolder ?? cacheFolder(), "acceleration.json");
  const key = cacheKey(architecture);
  const remembered = readCache(cache);
  const known = remembered[key];
  if (known !== undefined) return known === works ? undefined : known;
  const fault = await probeKvm(architecture, signal);
  writeCache(cache, { ...remembered, [key]: fault ?? works });
  return fault;
}

const works = "works";

/** Another boot, another QEMU or another user may have another answer. */
function cacheKey(architecture: Architecture): string {
  const qemu = realpathSync(findTool(architectures[architecture].qemu));
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return [boot, process.getuid?.(), qemu, statSync(qemu).mtimeMs].join(" ");
}

/** A cache that is damaged or may not be read is as good as none. */
function readCache(path: string): Record<string, string> {
  try {
    return Object.fromEntries(
      Object.entries(JSON.parse(readFileSync(path, "utf8"))).map(([key, value]) => [key, String(value)]),
    );
  } catch {
    return {};
  }
}

function writeCache(path: string, answers: Readonly<Record<string, string>>): void {
  const unfinished = `${path}.${process.pid}`;
  try {
    makeFolder(dirname(path));
    writeFileSync(unfinished, `${JSON.stringify(answers, undefined, 2)}\n`);
    renameSync(unfinished, path);
  } catch {
    // Without a cache the next build asks again, which costs seconds at most.
  }
}

function mayOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
