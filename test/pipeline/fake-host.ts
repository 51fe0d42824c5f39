import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { bytesExtent } from "../../src/image/extent.ts";
import type { GuestJob } from "../../src/guest/job.ts";
import type { Disk } from "../../src/guest/qemu.ts";
import type { GuestMachine } from "../../src/guest/run-guest.ts";
import { emptyDirectory, insert, makeDirectory } from "../../src/manifest/tree.ts";
import type { DirectoryInode } from "../../src/manifest/inode.ts";
import type { BuildContext } from "../../src/pipeline/context.ts";
import { folderOwnership } from "../../src/pipeline/plan/manifests.ts";
import { type Host, thisMachine } from "../../src/runtime/host.ts";
import type { Tool } from "../../src/runtime/tools.ts";
import { silentTask } from "../../src/runtime/reporter.ts";

/** The work of a guest: it may write to its disks, and gives what comes back, by path. */
export type Guest = (machine: GuestMachine, job: GuestJob, number: number) => Readonly<Record<string, string>>;

interface FakeOptions {
  readonly guest?: Guest;
  readonly host?: Partial<Host>;
  readonly acceleration?: { readonly acceleration: "kvm" | "tcg"; readonly note?: string };
  readonly signal?: AbortSignal;
}

/** A host on which files are real, and neither programs nor machines run. */
export interface FakeHost {
  readonly context: BuildContext;
  readonly folder: string;
  /** The guests that ran. */
  readonly ran: { readonly machine: GuestMachine; readonly job: GuestJob }[];
  readonly notes: string[];
  readonly titles: string[];
  /** The arguments of programs that were run. */
  readonly commands: string[];
  /** Workspaces that are still there. */
  readonly open: Set<string>;
  readonly tools: Tool[][];
}

export function fakeHost(t: ExecutionContext, options: FakeOptions = {}): FakeHost {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const seen = { folder, ran: [], notes: [], titles: [], commands: [], open: new Set<string>(), tools: [] };
  return { ...seen, context: contextOf(seen, options) };
}

function contextOf(seen: Omit<FakeHost, "context">, options: FakeOptions): BuildContext {
  return {
    signal: options.signal ?? new AbortController().signal,
    time: 1,
    reflink: true,
    cache: undefined,
    reporter: {
      task: (title, work) => (seen.titles.push(title), work(silentTask)),
      note: (text) => void seen.notes.push(text),
    },
    host: { ...hostOf(seen), ...options.host },
    guests: guestsOf(seen, options),
  };
}

function hostOf(seen: Omit<FakeHost, "context">): Host {
  const watched = async (parent: string) => {
    const workspace = await thisMachine.openWorkspace(parent);
    seen.open.add(workspace.folder);
    return { ...workspace, remove: () => (seen.open.delete(workspace.folder), workspace.remove()) };
  };
  return {
    run: (tool, argv) => {
      seen.commands.push([tool, ...argv].join(" "));
      return Promise.resolve({ stdout: "1.0", stderr: "" });
    },
    openWorkspace: watched,
    openTemporaryWorkspace: () => watched(seen.folder),
    freeSpace: () => Promise.resolve(1024 ** 4),
    randomSeed: () => "a random seed",
    availableMemory: () => 1024 ** 4,
    startCopying: () => {},
  };
}

function guestsOf(seen: Omit<FakeHost, "context">, options: FakeOptions): BuildContext["guests"] {
  return {
    chooseKernel: () => ({ image: "/kernel", modulesFolder: "/modules", modules: {} as never }),
    chooseAcceleration: () => Promise.resolve(options.acceleration ?? { acceleration: "tcg" }),
    openToolbox: (tools) => {
      seen.tools.push([...tools]);
      const disk: Disk = { path: "/toolbox", format: "raw", serial: "toolbox", access: "read-only" };
      return Promise.resolve({ disk, steps: [], modules: [], markProven: () => {} });
    },
    runGuest: (machine, job) => {
      seen.ran.push({ machine, job });
      const files = options.guest?.(machine, job, seen.ran.length) ?? {};
      return Promise.resolve({ results: treeOf(files), seconds: 0 });
    },
  };
}

function treeOf(files: Readonly<Record<string, string>>): DirectoryInode {
  const ownership = folderOwnership(1);
  const tree = emptyDirectory(ownership);
  for (const [path, text] of Object.entries(files)) {
    makeDirectory(tree, path.slice(0, path.lastIndexOf("/")), ownership);
    const content = [bytesExtent(0, Buffer.from(text))];
    insert(tree, path, { ...ownership, type: "file", size: Buffer.byteLength(text), content, mode: 0o600 });
  }
  return tree;
}
