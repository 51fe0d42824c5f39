import type { Bytes } from "../layout/units.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import { lookUp } from "../manifest/tree.ts";
import type { Tool } from "../process/tools.ts";
import type { Job } from "./job.ts";
import { contentOf } from "../manifest/file-content.ts";
import { type Toolbox, toolboxPath } from "./toolbox/toolbox.ts";

/** A filesystem that a guest makes and fills. */
export interface FilledFilesystem {
  /** The serial number of the guest's disk. */
  readonly disk: string;
  /** Default: the whole disk. */
  readonly partition?: number;
  /** As mount(8) calls it; its kernel module has the same name. */
  readonly type: string;
  /** The program that makes it, and its arguments but for the device. */
  readonly format: { readonly tool: Tool; readonly arguments: readonly string[] };
  /** For people: `/`, or the place in the device tree. */
  readonly title: string;
}

/** The serial number of the disk that the files come from: the folder `0` belongs to the first filesystem, and so on. */
export const sourceSerial = "mkimage-source";

/** The tools of the job, whatever it fills. */
export function fillingTools(filesystems: readonly FilledFilesystem[]): Tool[] {
  return ["cp", ...filesystems.map(({ format }) => format.tool)];
}

/** The job that makes filesystems, and copies the trees of the source disk into them. `readFreeSpace` reads the result. */
export function fillJob(filesystems: readonly FilledFilesystem[], toolbox: Pick<Toolbox, "steps" | "modules">): Job {
  return {
    modules: [...new Set([...toolbox.modules, "ext4", ...filesystems.map(({ type }) => type)])],
    steps: [
      ...toolbox.steps,
      { title: "open the disk with the files", argv: ["/vm/attach-disk", sourceSerial, "/source"] },
      ...filesystems.flatMap((filesystem, index) => fillSteps(filesystem, index)),
    ],
  };
}

function fillSteps({ disk, partition, type, format, title }: FilledFilesystem, index: number): Job["steps"] {
  const place = [disk, partition === undefined ? "" : String(partition)];
  const command = [toolboxPath(format.tool), ...format.arguments];
  return [
    { title: `make the ${type} filesystem of ${title}`, argv: ["/vm/format-filesystem", ...place, ...command] },
    {
      title: `copy the files of ${title}`,
      argv: ["/vm/fill-filesystem", ...place, type, `/source/${index}`, String(index)],
    },
  ];
}

/** What an ordinary user can still write to each filesystem, in the order of the job. */
export function readFreeSpace(results: DirectoryInode, count: number): Bytes[] {
  return Array.from({ length: count }, (_, index) => {
    const inode = lookUp(results, `files/free.${index}`);
    return inode?.type === "file" ? Number(contentOf(inode).toString("latin1").trim()) : Number.NaN;
  });
}

/** One job after another, in the same guest. */
export function inTurn(first: Job, second: Job): Job {
  return {
    ...second,
    modules: [...new Set([...(first.modules ?? []), ...(second.modules ?? [])])],
    steps: [...first.steps, ...second.steps],
  };
}
