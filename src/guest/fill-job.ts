import type { Run } from "../image/extent.ts";
import { type Bytes, MiB } from "../base/units.ts";
import { contentOf } from "../manifest/file-content.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import { lookUp } from "../manifest/tree.ts";
import type { Mounting } from "./install-job.ts";
import { type GuestJob, type JobFile, type JobStep, textFile } from "./job.ts";
import type { Toolbox } from "./toolbox/toolbox.ts";

/** The filesystems that a guest makes on disks prepared by the host, and the files that it fills them with. */
export interface FillRequest {
  /** Shell scripts, for bash. */
  readonly scripts: {
    readonly make: string;
    /** Empty where nothing is to be filled. */
    readonly mountFilled: string;
    readonly mountAll: string;
    readonly unmount: string;
  };
  /** Where the system is mounted meanwhile. */
  readonly root: string;
  /** Where the folders `0`, `1` … of the source disk belong in the system, outer mount points first. */
  readonly mountpoints: readonly string[];
  /** The blocks copied to each filesystem that is laid out already. */
  readonly copies: readonly Copy[];
  /** The numbers of folders to which the disk of additions has more, or other files; empty: there is no such disk. */
  readonly added?: readonly number[];
  /** Files whose contents come after the folders are copied: they are there, and empty of what they are to hold. */
  readonly contents: readonly LateContent[];
  /** Kernel modules that the steps of the scripts need. */
  readonly modules: readonly string[];
  /** Steps before anything is made: links to the disks and their partitions, files that the tree looks for. */
  readonly preparation: readonly JobStep[];
  readonly secrets: readonly JobFile[];
}

/** The runs of a filesystem, `start` bytes further on the disk of blocks, and those that come in memory. */
export interface Copy {
  readonly start: Bytes;
  readonly runs: readonly Run[];
  /** In their order one behind the other in the job's file `secret`. */
  readonly secretRuns: readonly Run[];
  readonly secret: string;
}

/** The contents of a file, as a file of the job. */
export interface LateContent {
  readonly secret: string;
  /** Absolute, in the system. */
  readonly path: string;
  /** The time of the file, in seconds since 1970. */
  readonly time: number;
}

/** A job that makes everything, and what it takes to mount what it has made, within the same guest. */
export interface FillJob extends Mounting {
  readonly job: GuestJob;
}

/** The serial number of the disk that files come from: the folder `0` belongs to the first mount point, and so on. */
export const sourceSerial = "mkimage-source";

/** The serial number of the disk with what comes beside those files, in folders of the same numbers. */
export const additionsSerial = "mkimage-additions";

/** The serial number of the disk that blocks come from. */
export const blocksSerial = "mkimage-blocks";

/** The command that copies a filesystem from the disk of blocks, but for the device that it goes to. */
export function copyCommand(index: number): string[] {
  return ["/vm/copy-blocks", `/job/${listPath(index)}`];
}

/**
 * The job that makes containers and filesystems, copies blocks and files into them, and leaves everything closed.
 * `readFreeSpace` reads the result.
 */
export function fillJob(request: FillRequest, toolbox: Pick<Toolbox, "steps" | "modules">): FillJob {
  const { scripts, preparation, copies, secrets } = request;
  const close = [script("close what was opened", "unmount")];
  return {
    job: {
      modules: [...new Set([...toolbox.modules, "ext4", ...request.modules])],
      steps: [
        ...toolbox.steps,
        ...preparation,
        ...(copies.length === 0 ? [] : [{ title: "find the blocks", argv: ["/vm/set-aside", blocksSerial] }]),
        script("make what the tree describes", "make"),
        ...fillSteps(request),
        ...close,
      ],
      files: [
        ...Object.entries(scripts).map(([name, text]) => textFile(`scripts/${name}`, text)),
        ...copies.map((copy, index) => textFile(listPath(index), copyList(copy))),
      ],
      ...(secrets.length === 0 ? {} : { secrets }),
    },
    mount: [script("mount the system", "mountAll")],
    close,
  };
}

function fillSteps(request: FillRequest): JobStep[] {
  if (request.mountpoints.length === 0) return [];
  const mount = script("mount what is to be filled", "mountFilled");
  return [
    mount,
    ...copySteps(request),
    // Space that a filesystem reserves for pending writes is free only after it is mounted anew.
    script("unmount what was filled", "unmount"),
    mount,
    ...measureSteps(request),
  ];
}

/** The mounted filesystems, and the files that belong there. */
export type Filled = Pick<FillRequest, "root" | "mountpoints" | "added" | "contents">;

/** The steps that copy the folders of the source disk into what is mounted. */
export function copySteps({ root, mountpoints, added = [], contents }: Filled): JobStep[] {
  return [
    { title: "open the disk with the files", argv: ["/vm/attach-disk", sourceSerial, "/source"] },
    ...mountpoints.map((mountpoint, index) => ({
      title: `copy the files of ${mountpoint}`,
      argv: ["/vm/fill-folder", `/source/${index}`, `${root}${mountpoint}`],
    })),
    ...(added.length === 0
      ? []
      : [{ title: "open the disk with further files", argv: ["/vm/attach-disk", additionsSerial, "/additions"] }]),
    ...added.map((index) => ({
      title: `copy further files of ${mountpoints[index]}`,
      argv: ["/vm/fill-folder", `/additions/${index}`, `${root}${mountpoints[index]}`],
    })),
    ...contents.map(({ secret, path, time }) => ({
      title: `write ${path}`,
      argv: ["/vm/write-content", `/job/${secret}`, `${root}${path}`, String(time)],
    })),
  ];
}

/** The steps that find out what is free; `readFreeSpace` reads their results. */
export function measureSteps({ root, mountpoints }: Filled): JobStep[] {
  return mountpoints.map((mountpoint, index) => ({
    title: `see what is free on ${mountpoint}`,
    argv: ["/vm/measure-space", `${root}${mountpoint}`, String(index)],
  }));
}

function script(title: string, name: keyof FillRequest["scripts"]): JobStep {
  return { title, argv: ["/toolbox/bin/bash", `/job/scripts/${name}`], environment: { PATH: "/toolbox/bin:/bin" } };
}

function listPath(index: number): string {
  return `blocks/${index}`;
}

/** One line a run: the file that it comes from, where it begins there, where it goes, and its length in bytes. */
function copyList({ start, runs, secretRuns, secret }: Copy): string {
  let position = 0;
  const secretLines = secretRuns.map(({ offset, length }) => {
    const line = `/job/${secret} ${position} ${offset} ${length}\n`;
    position += length;
    return line;
  });
  const lines = joinNear(runs).map(({ offset, length }) => {
    return `/dev/mkimage/${blocksSerial} ${start + offset} ${offset} ${length}\n`;
  });
  return [...lines, ...secretLines].join("");
}

/** Runs with little between them are one: a further command costs more than copying what is between. */
function joinNear(runs: readonly Run[]): Run[] {
  const joined: Run[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    if (last === undefined || run.offset - (last.offset + last.length) > MiB) joined.push(run);
    else joined[joined.length - 1] = { offset: last.offset, length: run.offset + run.length - last.offset };
  }
  return joined;
}

/** Reads the bytes that an ordinary user can still write below each mount point, in the order of the job. */
export function readFreeSpace(results: DirectoryInode, count: number): Bytes[] {
  return Array.from({ length: count }, (_, index) => {
    const inode = lookUp(results, `files/free.${index}`);
    return inode?.type === "file" ? Number(contentOf(inode).toString("latin1").trim()) : Number.NaN;
  });
}
