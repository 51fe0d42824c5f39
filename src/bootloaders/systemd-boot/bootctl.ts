import { Obstacle } from "./obstacle.ts";
import type { StoreReader } from "../store-reader.ts";

/** The folders that `bootctl install` makes on the ESP. Source: systemd, src/bootctl/bootctl-install.c. */
export function espFolders(systemdVersion: number): string[] {
  const folders = ["EFI", "EFI/systemd", "EFI/BOOT", "loader"];
  return systemdVersion < firstWithKeys ? folders : [...folders, "loader/keys"];
}

/** The folders that it makes where entries go: on the XBOOTLDR partition, else on the ESP. */
export const bootFolders: readonly string[] = ["loader", "loader/entries", "EFI", "EFI/Linux"];

/** `loader/entries.srel` says which specification the entries follow; it stands beside them. */
export const entriesSpecification = { path: "loader/entries.srel", text: "type1\n" } as const;

const firstWithKeys = 257;
const firstKnown = 252;

/**
 * The version of systemd at a store path, by its shared library.
 *
 * @throws Obstacle when it is not to be found, or too old: what bootctl makes is known from 252 on.
 */
export function systemdVersionAt(systemd: string, store: StoreReader): number {
  const library = ["lib/systemd", "lib"].flatMap((folder) => store.list(`${systemd}/${folder}`)).find(isSharedLibrary);
  const version = Number(/\d+/.exec(library ?? /-systemd-[\w-]*?(\d{3}.*)$/.exec(systemd)?.[1] ?? "")?.[0]);
  if (version >= firstKnown) return version;
  throw new Obstacle(
    `what bootctl makes is known for systemd ${firstKnown} and later, and ${systemd} ${Number.isNaN(version) ? "does not say its version" : `is ${version}`}`,
  );
}

function isSharedLibrary(name: string): boolean {
  return /^libsystemd-shared-\d+.*\.so$/.test(name);
}

/** A program that bootctl copies to the ESP. */
interface LoaderFile {
  readonly source: string;
  /** Paths below the ESP's mount point. */
  readonly targets: readonly string[];
}

/**
 * The programs that bootctl copies: everything in systemd's folder for the machine's architecture, signed where there is
 * a signed one; the boot loader itself also goes where firmware looks for removable disks.
 *
 * @param system of the bootspec, such as `x86_64-linux`.
 * @throws Obstacle when there is no boot loader for that system.
 */
export function loaderFiles(systemd: string, system: string, store: StoreReader): LoaderFile[] {
  const folder = `${systemd}/lib/systemd/boot/efi`;
  const architecture = efiArchitectures[system.split("-")[0] ?? ""];
  const names = store.list(folder);
  const chosen = names.filter((name) => isChosen(name, names, `${architecture}.efi`));
  if (chosen.some((name) => name.startsWith(loaderPrefix))) {
    return chosen.map((name) => ({ source: `${folder}/${name}`, targets: targetsOf(name.replace(/\.signed$/, "")) }));
  }
  throw new Obstacle(`${folder} has no ${loaderPrefix} for ${system}`);
}

const loaderPrefix = "systemd-boot";

const efiArchitectures: Readonly<Record<string, string>> = {
  x86_64: "x64",
  aarch64: "aa64",
  i686: "ia32",
  riscv64: "riscv64",
};

function isChosen(name: string, names: readonly string[], ending: string): boolean {
  return name.endsWith(`${ending}.signed`) || (name.endsWith(ending) && !names.includes(`${name}.signed`));
}

function targetsOf(name: string): string[] {
  const installed = [`EFI/systemd/${name}`];
  if (!name.startsWith(loaderPrefix)) return installed;
  return [...installed, `EFI/BOOT/BOOT${name.slice(loaderPrefix.length).toUpperCase()}`];
}
