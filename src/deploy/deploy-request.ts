import type { RemoteHost } from "../remote/address.ts";
import type { SshWishes } from "../remote/ssh-arguments.ts";
import type { Request } from "../request/schema.ts";
import type { Phase } from "./phases.ts";

/** The system that the user wants on a machine, and how that machine is reached. */
export interface DeployRequest {
  /** The request for an image of the system. */
  readonly build: Request;
  /** A flake reference or a store path; the flake in this folder where neither this nor a file is given. */
  readonly system: string | undefined;
  readonly host: RemoteHost;
  /** Where the rescue system answers, where that is another address. */
  readonly rescueHost: RemoteHost | undefined;
  /** Where the new system answers. */
  readonly finalHost: RemoteHost | undefined;
  readonly ssh: SshWishes;
  /** The variables of which SSHPASS is the password to log in by; undefined: ssh asks, if need be. */
  readonly passwordFrom: Readonly<Record<string, string | undefined>> | undefined;
  /** Where what the target has is written as a NixOS module, before anything is built. */
  readonly hardwareConfiguration: string | undefined;
  /** Where the tree's disks are on the target, by name; those that are not here are where the tree says. */
  readonly disks: readonly (readonly [disk: string, device: string])[];
  readonly extraFiles: ExtraFiles;
  readonly phases: readonly Phase[];
  /** Whether the new system has the host keys of the old one. */
  readonly copiesHostKeys: boolean;
  /** Whether an entry is written into the boot menu of the target's firmware. */
  readonly touchesFirmware: boolean;
  readonly deadlines: Deadlines;
}

/** How long another system may take until it answers. */
interface Deadlines {
  readonly rescueSeconds: number;
  readonly bootSeconds: number;
}

/** Files of this machine that are put into the new system. */
export interface ExtraFiles {
  /** Folders whose entries come to the root. */
  readonly folders: readonly string[];
  /** `USER:GROUP`, by names or numbers, for a path and all that is in it; all else is root's. */
  readonly owners: readonly (readonly [path: string, owner: string])[];
}
