import { MkimageError } from "../../base/errors.ts";
import type { Architecture } from "../../guest/architecture.ts";
import type { Tool } from "../../runtime/tools.ts";

/** The programs with which a system could install itself, as far as they were found. */
export interface FoundInstaller {
  readonly toplevel: string;
  readonly architecture: Architecture;
  /** The processor whose programs a guest can be given: this machine's, or `any` where they come from a toolbox of the user's. */
  readonly programsFor: Architecture | "any";
  /** `nixos-install` in the system's own path. */
  readonly inSystem: string | undefined;
  /** Another one, by the store path that it is in. */
  readonly elsewhere: { readonly program: string; readonly storePath: string } | undefined;
  /** Whether the system's own path has Nix. */
  readonly systemHasNix: boolean;
  /** The programs of Nix that a guest can be given. */
  readonly nixTools: readonly Tool[];
}

/** The programs of Nix that nixos-install calls. */
export const nixTools = ["nix", "nix-env", "nix-store"] as const satisfies readonly Tool[];

/** The chosen programs. */
interface ChosenInstaller {
  readonly program: string;
  readonly storePaths: readonly string[];
  readonly tools: readonly Tool[];
}

/**
 * Chooses the programs with which a system installs itself in a guest: its own before any others. Pure.
 *
 * @throws MkimageError BAD_REQUEST with everything that is missing.
 */
export function chooseOwnInstaller(found: FoundInstaller): ChosenInstaller {
  const { inSystem, elsewhere, systemHasNix } = found;
  const faults = faultsOf(found);
  const program = inSystem ?? elsewhere?.program;
  if (program === undefined || faults.length > 0) {
    throw new MkimageError("BAD_REQUEST", "this system cannot be installed by nixos-install", {
      details: faults,
      hint: "--installer built-in needs none of it, and puts the same system into the image",
    });
  }
  const storePaths = inSystem === undefined && elsewhere !== undefined ? [elsewhere.storePath] : [];
  return { program, storePaths, tools: systemHasNix ? [] : nixTools };
}

function faultsOf({
  toplevel,
  architecture,
  programsFor,
  inSystem,
  elsewhere,
  systemHasNix,
  nixTools: has,
}: FoundInstaller): string[] {
  const missing = nixTools.filter((tool) => !has.includes(tool));
  return [
    inSystem === undefined && elsewhere === undefined
      ? `there is no nixos-install in ${toplevel}/sw/bin, nor one of the store in the PATH of this machine; ` +
        "system.disableInstallerTools = false puts it into the system"
      : "",
    !systemHasNix && missing.length > 0
      ? `there is no Nix in ${toplevel}/sw/bin, and of it the guest could not be given ${missing.join(", ")}; ` +
        "nix.enable = true puts it into the system"
      : "",
    programsFor !== "any" && programsFor !== architecture
      ? `the system is for ${architecture}, and programs of this machine (${programsFor}) do not run in its guest; ` +
        "give those of its processor as a store path: --toolbox /nix/store/…"
      : "",
  ].filter((fault) => fault !== "");
}
