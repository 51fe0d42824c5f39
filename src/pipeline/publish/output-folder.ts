import { existsSync, lstatSync, readdirSync, readlinkSync, renameSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { MkimageError } from "../../base/errors.ts";
import { makeFolder } from "../../runtime/make-folder.ts";

/** The names that mkimage itself gives to files of an output folder. */
export const reportName = "image.json";
export const variablesName = "efi-vars.fd";
export const supportName = "nix-support";
export const productsPath = join(supportName, "hydra-build-products");
export const imageInfoPath = join(supportName, "image-info.json");

const ownNames = [productsPath, imageInfoPath, reportName];

/**
 * Looks whether a build may write into `folder`, before it starts.
 *
 * @throws MkimageError OUTPUT_EXISTS when the folder holds something, or is no folder, and `force` is not set.
 */
export function checkOutputFolder(folder: string, force: boolean): void {
  const state = lstatSync(folder, { throwIfNoEntry: false });
  if (state === undefined || force) return;
  if (state.isSymbolicLink()) throw exists(folder, `is a symbolic link to ${readlinkSync(folder)}`);
  if (!state.isDirectory()) throw exists(folder, "is no folder");
  if (readdirSync(folder).length > 0) throw exists(folder, "is not empty");
}

/** A file that is ready, and the name that it gets in the output folder. */
export interface ReadyFile {
  readonly path: string;
  readonly name: string;
}

/** An output folder with our files in it, which can be taken back until it is complete. */
interface OutputFolder {
  /** Absolute. */
  readonly path: string;
  withdraw(): void;
}

/**
 * Renames finished files into `folder`, which is made where it is missing. The products file, report, image info and EFI variables of an
 * earlier build are removed first. When it fails, none of the files is left there.
 */
export function placeFiles(folder: string, files: readonly ReadyFile[]): OutputFolder {
  const path = resolve(folder);
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === false) unlinkSync(path);
  const isNew = makeFolder(path) !== undefined;
  const placed = { path, withdraw: () => withdraw(path, isNew, files) };
  try {
    for (const name of [...ownNames, variablesName]) rmSync(join(path, name), { force: true });
    for (const file of files) renameSync(file.path, join(path, file.name));
    return placed;
  } catch (error) {
    placed.withdraw();
    throw error;
  }
}

/** The folder that an output folder is in. */
interface FolderBeside {
  /** Absolute. */
  readonly path: string;
  /** Removes the folders that were made for it and are still empty, as after a failure. */
  removeUnused(): void;
}

/** The folder in which hidden files are made, so that a rename brings them out. It is made where it is missing. */
export function folderBeside(folder: string): FolderBeside {
  const path = dirname(resolve(folder));
  const outermost = makeFolder(path);
  return { path, removeUnused: () => outermost !== undefined && removeEmpty(path, outermost) };
}

function removeEmpty(path: string, outermost: string): void {
  if (!existsSync(path) || readdirSync(path).length > 0) return;
  try {
    rmdirSync(path);
  } catch {
    // Somebody else uses it since, or has removed it.
    return;
  }
  if (path !== outermost) removeEmpty(dirname(path), outermost);
}

function withdraw(path: string, isNew: boolean, files: readonly ReadyFile[]): void {
  if (isNew) return rmSync(path, { recursive: true, force: true });
  for (const name of [...ownNames, ...files.map((file) => file.name)]) rmSync(join(path, name), { force: true });
}

function exists(folder: string, what: string): MkimageError {
  return new MkimageError("OUTPUT_EXISTS", `the output folder ${folder} ${what}`, {
    hint: `choose another with --out, or replace what is there with --force (only files named as ours in ${basename(folder)} are touched)`,
  });
}
