import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { missingModules, readModuleTables, type ModuleIndex } from "./modules.ts";

/** A kernel that a guest can be booted with. */
export interface GuestKernel {
  readonly image: string;
  /** The folder `lib/modules/VERSION`. */
  readonly modulesFolder: string;
  readonly modules: ModuleIndex;
  /** Why it is not the target's own kernel, for the user. */
  readonly note?: string;
}

interface KernelRequest {
  /** The system to install; its own kernel is the first choice. */
  readonly toplevel?: string;
  /** `--vm-kernel`: a folder with a kernel and its modules, in any of the shapes of `findKernel`. */
  readonly vmKernel?: string;
  /** The modules that the guest needs, built in or not. */
  readonly needs: readonly string[];
  /** Where this machine keeps its own kernels; a test gives another folder. Default: `/`. */
  readonly root?: string;
}

/** The modules that every guest needs, whatever its job is. */
export const basicModules: readonly string[] = ["virtio_pci", "virtio_blk"];

/**
 * The kernel for a guest: the one asked for, else the target's own, else the one that this machine runs, else one in
 * `/boot` that can be read, each only if it has the modules that the guest needs.
 *
 * @throws MkimageError BAD_REQUEST when the kernel asked for is none or lacks a module; NOT_A_SYSTEM when no kernel
 *   serves.
 */
export function chooseKernel(request: KernelRequest): GuestKernel {
  const needs = [...basicModules, ...request.needs];
  if (request.vmKernel !== undefined) return kernelAskedFor(request.vmKernel, needs);
  const faults: string[] = [];
  for (const candidate of candidates(request)) {
    const kernel = findKernel(candidate.folder, candidate.image);
    const fault = faultOf(kernel, needs);
    if (fault !== undefined || kernel === undefined) faults.push(`${candidate.title}: ${fault}`);
    else if (faults.length === 0 || candidate.isTarget) return kernel;
    else return { ...kernel, note: `the guest runs ${candidate.title} (${faults.join("; ")})` };
  }
  throw new MkimageError("NOT_A_SYSTEM", "there is no kernel that a guest could be booted with", {
    details: faults,
    hint: "name a folder with a kernel and its modules by --vm-kernel, such as the output of linuxPackages.kernel",
  });
}

function kernelAskedFor(folder: string, needs: readonly string[]): GuestKernel {
  const kernel = findKernel(folder);
  const fault = faultOf(kernel, needs);
  if (kernel !== undefined && fault === undefined) return kernel;
  throw new MkimageError("BAD_REQUEST", `the kernel in ${folder} cannot run the guest: ${fault}`, {
    hint: "--vm-kernel takes a folder with `kernel`, `bzImage` or `Image`, and `kernel-modules/lib/modules/VERSION` or `lib/modules/VERSION`",
  });
}

interface Candidate {
  readonly title: string;
  readonly folder: string;
  readonly image?: string;
  readonly isTarget: boolean;
}

function candidates({ toplevel, root = "/" }: KernelRequest): Candidate[] {
  const target = { title: "the system's own kernel", isTarget: true };
  const booted = { title: "the kernel that this machine runs", isTarget: false };
  return [
    ...(toplevel === undefined ? [] : [{ ...target, folder: toplevel }]),
    { ...booted, folder: join(root, "run/booted-system") },
    ...bootKernels(root),
  ];
}

/** `/boot/vmlinuz-VERSION`, the newest first; its modules are in `/lib/modules/VERSION`. */
function bootKernels(root: string): Candidate[] {
  const folder = join(root, "boot");
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith("vmlinuz-")) : [];
  const newestFirst = names.sort((one, other) => other.localeCompare(one, "en", { numeric: true }));
  return newestFirst.map((name) => {
    const image = join(folder, name);
    return { title: `the kernel ${image}`, folder: root, image, isTarget: false };
  });
}

/**
 * The kernel of a folder: `kernel`, `bzImage`, `Image` or the image given, with the modules beside it in
 * `kernel-modules/lib/modules` or `lib/modules`.
 */
export function findKernel(folder: string, image?: string): GuestKernel | undefined {
  const images = image === undefined ? ["kernel", "bzImage", "Image"].map((name) => join(folder, name)) : [image];
  const found = images.find(isReadable);
  const modulesFolder = found === undefined ? undefined : findModules(folder, found);
  if (found === undefined || modulesFolder === undefined) return undefined;
  return { image: found, modulesFolder, modules: readModules(modulesFolder) };
}

function findModules(folder: string, image: string): string | undefined {
  const version = /\/vmlinuz-([^/]+)$/.exec(image)?.[1];
  return ["kernel-modules/lib/modules", "lib/modules"]
    .map((name) => join(folder, name))
    .filter((modules) => existsSync(modules))
    .flatMap((modules) => readdirSync(modules).map((name) => join(modules, name)))
    .filter((path) => version === undefined || path.endsWith(`/${version}`))
    .find((path) => existsSync(join(path, "modules.dep")) || existsSync(join(path, "modules.builtin")));
}

function readModules(folder: string): ModuleIndex {
  const read = (name: string) => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  };
  return readModuleTables({
    "modules.builtin": read("modules.builtin"),
    "modules.dep": read("modules.dep"),
    "modules.softdep": read("modules.softdep"),
    "modules.alias": read("modules.alias"),
  });
}

function faultOf(kernel: GuestKernel | undefined, needs: readonly string[]): string | undefined {
  if (kernel === undefined) return "no kernel with its modules is there, or it may not be read";
  const missing = missingModules(kernel.modules, needs);
  return missing.length === 0 ? undefined : `it lacks ${missing.join(", ")}`;
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
