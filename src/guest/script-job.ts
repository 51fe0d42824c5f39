import type { Bytes } from "../base/units.ts";
import { contentOf } from "../manifest/file-content.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import { lookUp } from "../manifest/tree.ts";
import { copySteps, type Filled, measureSteps, readFreeSpace } from "./fill-job.ts";
import { type GuestJob, type JobFile, type JobStep, textFile } from "./job.ts";
import type { Toolbox } from "./toolbox/toolbox.ts";

/** Disks that are made by somebody else's script, and then filled. */
export interface ScriptRequest extends Filled {
  /** The command that makes and mounts everything. */
  readonly argv: readonly string[];
  /** Rules for udev, by which the script finds the disks. */
  readonly rules: string;
  /** Where something has to be mounted when the script has ended. */
  readonly required: readonly string[];
  /** A shell script, for bash, that closes the containers of what is not mounted any more. */
  readonly close: string;
  readonly modules: readonly string[];
  /** Puts files where the script looks for them. */
  readonly preparation: readonly JobStep[];
  readonly files: readonly JobFile[];
  readonly secrets: readonly JobFile[];
}

/** A job up to where the system is mounted and complete, and what closes everything after that. */
export interface ScriptJob {
  readonly job: GuestJob;
  readonly close: readonly JobStep[];
}

const environment = { PATH: "/toolbox/bin:/bin" };

/** The job that has a script make disks, and fills them. `readFreeSpace` and `readFound` read the results. */
export function scriptJob(request: ScriptRequest, toolbox: Pick<Toolbox, "steps" | "modules">): ScriptJob {
  const { argv, rules, required, root, mountpoints, files, secrets } = request;
  return {
    job: {
      modules: [...new Set([...toolbox.modules, "ext4", ...request.modules])],
      steps: [
        ...toolbox.steps,
        ...request.preparation,
        { title: "name the disks", argv: ["/vm/place-file", "/job/rules", "/run/udev/rules.d/00-mkimage.rules"] },
        { title: "start udev", argv: ["/vm/start-udev"] },
        { title: "make the disks by a script", argv, environment },
        { title: "see that everything is mounted", argv: ["/vm/require-mounted", root, ...required] },
        ...copySteps(request),
        ...measureSteps(request),
        ...mountpoints.map((mountpoint, index) => ({
          title: `see what is mounted at ${mountpoint}`,
          argv: ["/vm/describe-filesystem", `${root}${mountpoint}`, String(index)],
        })),
      ],
      files: [...files, textFile("rules", rules), textFile("close", request.close)],
      ...(secrets.length === 0 ? {} : { secrets }),
    },
    close: [{ title: "close what was opened", argv: ["/toolbox/bin/bash", "/job/close"], environment }],
  };
}

/** The results of `describe-filesystem` and `measure-space` for a mount point: sizes in bytes, the label verbatim. */
export interface FoundMount {
  /** `ext4`, `vfat` … */
  readonly type: string;
  readonly uuid: string;
  readonly label: string | null;
  readonly size: Bytes;
  readonly freeBytes: Bytes;
}

/** Reads the filesystem found at each of the job's mount points. */
export function readFound(results: DirectoryInode, mountpoints: readonly string[]): Map<string, FoundMount> {
  const free = readFreeSpace(results, mountpoints.length);
  return new Map(mountpoints.map((place, index) => [place, foundAt(results, index, free[index] ?? Number.NaN)]));
}

function foundAt(results: DirectoryInode, index: number, freeBytes: Bytes): FoundMount {
  const inode = lookUp(results, `files/filesystem.${index}`);
  const text = inode?.type === "file" ? contentOf(inode).toString("utf8") : "";
  const [type = "", uuid = "", label = "", size = ""] = text.split("\n");
  return { type, uuid, label: label === "" ? null : label, size: Number(size), freeBytes };
}
