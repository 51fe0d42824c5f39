import type { TreeRequest } from "../../request/read-devices.ts";

/** The system that the user wants installed, and its disks. */
export interface InstallRequest extends TreeRequest {
  /** A flake reference or a store path; the flake in this folder where neither this nor a file is given. */
  readonly system: string | undefined;
  readonly file: string | undefined;
  readonly attr: string | undefined;
  /** Where the tree's disks are, by key or name; those that are not here are where the tree says. */
  readonly disks: readonly (readonly [disk: string, device: string])[];
  /** `format` destroys what is on the disks; `mount` keeps it. */
  readonly mode: "format" | "mount";
  readonly extraFiles: readonly (readonly [from: string, to: string])[];
  readonly writesVariables: boolean;
  /** Further settings of the system, as JSON. */
  readonly settings: string | undefined;
  /** The folder where the disks are mounted meanwhile. */
  readonly root: string;
  readonly seed: string | undefined;
  readonly nixArguments: readonly string[];
}
