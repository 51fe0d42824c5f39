import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import * as z from "zod";
import { MkimageError } from "../base/errors.ts";
import { lookUpProgram } from "../runtime/tools.ts";
import type { Architecture } from "./architecture.ts";

/** UEFI firmware on this machine. `variables` is a template, of which each machine gets a copy. */
export interface Firmware {
  readonly executable: string;
  readonly variables: string;
  readonly needsSmm: boolean;
}

interface FirmwareRequest {
  readonly architecture: Architecture;
  /** `--firmware`: the executable to take. */
  readonly executable?: string;
  /** `--variables`: the template of the variables to take. */
  readonly variables?: string;
  /** Where descriptors are looked for, the most important first. Default: the folders that QEMU's users keep them in. */
  readonly folders?: readonly string[];
}

/** The fields read from a firmware descriptor. Source: QEMU, docs/interop/firmware.json. */
const descriptorSchema = z.object({
  "interface-types": z.array(z.string()),
  mapping: z.object({
    device: z.literal("flash"),
    executable: z.object({ filename: z.string(), format: z.literal("raw") }),
    "nvram-template": z.object({ filename: z.string(), format: z.literal("raw") }),
  }),
  targets: z.array(z.object({ architecture: z.string() })),
  features: z.array(z.string()),
});

type Descriptor = z.infer<typeof descriptorSchema>;

/**
 * The UEFI firmware for a machine: the files asked for, else what QEMU's firmware descriptors name. Firmware without
 * Secure Boot comes first, so that any boot loader starts.
 *
 * @throws MkimageError BAD_REQUEST when a file asked for is not there; MISSING_TOOL when this machine has none.
 */
export function findFirmware(request: FirmwareRequest): Firmware {
  const known = readDescriptors(request.folders ?? descriptorFolders(request.architecture)).filter((descriptor) =>
    serves(descriptor, request.architecture),
  );
  const chosen = request.executable === undefined ? best(known) : known.find(isNamed(request.executable));
  const executable = request.executable ?? chosen?.mapping.executable.filename;
  const variables = request.variables ?? chosen?.mapping["nvram-template"].filename;
  if (executable === undefined) throw noFirmware(request.architecture);
  if (variables === undefined) throw noVariables(executable);
  requireFile("firmware", executable);
  requireFile("variable template", variables);
  return { executable, variables, needsSmm: chosen?.features.includes("requires-smm") === true };
}

/** Makes a machine's own copy of the variables. Templates may be read-only, and a copy has to be written to. */
export function copyVariables({ variables }: Pick<Firmware, "variables">, to: string): void {
  writeFileSync(to, readFileSync(variables));
}

function descriptorFolders(architecture: Architecture): string[] {
  const configuration = process.env["XDG_CONFIG_HOME"] ?? join(homedir(), ".config");
  return [
    join(configuration, "qemu/firmware"),
    "/etc/qemu/firmware",
    "/usr/local/share/qemu/firmware",
    "/usr/share/qemu/firmware",
    "/run/current-system/sw/share/qemu/firmware",
    ...(process.env["XDG_DATA_DIRS"] ?? "")
      .split(delimiter)
      .filter((folder) => isAbsolute(folder))
      .map((folder) => join(folder, "qemu/firmware")),
    ...foldersBesideQemu(architecture),
  ];
}

/** In the store QEMU's own descriptors are beside it, and in no other place. */
function foldersBesideQemu(architecture: Architecture): string[] {
  const program = lookUpProgram(`qemu-system-${architecture}`);
  return program === undefined ? [] : [join(realpathSync(program), "../../share/qemu/firmware")];
}

/** A file in an earlier folder replaces one of the same name in a later; among all of them the names set the order. */
function readDescriptors(folders: readonly string[]): Descriptor[] {
  const paths = new Map<string, string>();
  for (const folder of folders.filter((path) => existsSync(path))) {
    for (const name of readdirSync(folder)) {
      if (name.endsWith(".json") && !paths.has(name)) paths.set(name, join(folder, name));
    }
  }
  const inOrder = [...paths].sort(([one], [other]) => (one < other ? -1 : 1));
  return inOrder.flatMap(([, path]) => readDescriptor(path) ?? []);
}

/** Descriptors of other shapes (memory, kernel) and broken ones are not for us; an empty file hides one. */
function readDescriptor(path: string): Descriptor | undefined {
  try {
    return descriptorSchema.safeParse(JSON.parse(readFileSync(path, "utf8"))).data;
  } catch {
    return undefined;
  }
}

function serves({ "interface-types": interfaces, mapping, targets }: Descriptor, architecture: Architecture): boolean {
  const isForMachine = targets.some((target) => target.architecture === architecture);
  const files = [mapping.executable.filename, mapping["nvram-template"].filename];
  return interfaces.includes("uefi") && isForMachine && files.every((file) => existsSync(file));
}

function best(known: readonly Descriptor[]): Descriptor | undefined {
  const rank = ({ features }: Descriptor) =>
    (features.includes("enrolled-keys") ? 4 : 0) +
    (features.includes("secure-boot") ? 2 : 0) +
    (features.includes("requires-smm") ? 1 : 0);
  return known.toSorted((one, other) => rank(one) - rank(other))[0];
}

function isNamed(executable: string): (descriptor: Descriptor) => boolean {
  return ({ mapping }) => mapping.executable.filename === executable;
}

function requireFile(what: string, path: string): void {
  if (existsSync(path)) return;
  throw new MkimageError("BAD_REQUEST", `the ${what} ${JSON.stringify(path)} does not exist`, {
    hint: "name a file, such as OVMF_CODE_4M.fd and OVMF_VARS_4M.fd of the package ovmf",
  });
}

function noFirmware(architecture: Architecture): MkimageError {
  return new MkimageError("MISSING_TOOL", `this machine has no UEFI firmware for ${architecture}`, {
    hint: "install it: apt-get install ovmf (for aarch64: qemu-efi-aarch64), or take nixpkgs' QEMU, which has it; build and plan also take it by --firmware and --variables",
  });
}

function noVariables(executable: string): MkimageError {
  return new MkimageError("BAD_REQUEST", `no descriptor names a variable template for the firmware ${executable}`, {
    hint: "name it by --variables",
  });
}
