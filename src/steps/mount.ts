import type { Claim } from "./claim.ts";
import type { MountSteps } from "./node-steps.ts";
import { type Guard, step } from "./step.ts";
import { below } from "./words.ts";

/** One filesystem at one place. */
interface MountRequest {
  /** The node in the tree. */
  readonly path: string;
  readonly device: string;
  readonly type: string;
  readonly options: readonly string[];
  /** In the system: `/boot`. */
  readonly mountpoint: string;
  /** The folder where the system is mounted. */
  readonly root: string;
  /** Finds out whether it is mounted. Default: whether this device is mounted here. */
  readonly mounted?: readonly string[];
  /** The claim of a filesystem on several devices: one that has its content is mounted. */
  readonly claim?: Claim;
}

/** Mounts a filesystem below the root folder, unless it is there, and unmounts it again. */
export function mountSteps(request: MountRequest): MountSteps {
  const { path, device, type, mountpoint, root } = request;
  const folder = below(root, mountpoint);
  const mounted = request.mounted ?? ["findmnt", device, folder];
  const options = [...request.options, "X-mount.mkdir"].join(",");
  const words = ["-t", type, "-o", options];
  const [made, mount]: [Guard[], string[]] =
    request.claim === undefined
      ? [[], ["mount", ...words, device, folder]]
      : [[{ kind: "is made", claim: request.claim }], ["mount_own", ...words, folder]];
  return {
    mountpoint,
    mount: [step(path, `mount ${device} on ${folder}`, [{ kind: "fails", argv: mounted }, ...made], mount)],
    unmount: [step(path, `unmount ${folder}`, [{ kind: "succeeds", argv: mounted }], ["umount", folder])],
  };
}
