import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { MkimageError } from "../base/errors.ts";

/** The facts of a system that a boot loader needs. */
export interface Bootspec {
  readonly system: string;
  readonly toplevel: string;
  readonly init: string;
  readonly kernel: string;
  readonly kernelParams: readonly string[];
  readonly label: string;
  readonly initrd?: string | undefined;
  /** A program that adds secrets to the initrd at installation. */
  readonly initrdSecrets?: string | undefined;
  /** The values of the systemd-boot extension. */
  readonly systemdBoot: { readonly sortKey?: string | undefined; readonly devicetree?: string | undefined };
  /** Further initrds, by paths on the boot partition. */
  readonly extraInitrds: readonly string[];
  readonly specialisations: Readonly<Record<string, Bootspec>>;
}

const entrySchema = z.object({
  system: z.string(),
  toplevel: z.string(),
  init: z.string(),
  kernel: z.string(),
  kernelParams: z.array(z.string()),
  label: z.string(),
  initrd: z.string().nullish(),
  initrdSecrets: z.string().nullish(),
});

const systemdBootSchema = z.object({ sortKey: z.string().nullish(), devicetree: z.string().nullish() });

const documentSchema = z.object({
  "org.nixos.bootspec.v1": entrySchema,
  "org.nixos.systemd-boot": systemdBootSchema.optional(),
  "org.nixos.extra-initrd.v1": z.object({ paths: z.array(z.string()).optional() }).optional(),
  get "org.nixos.specialisation.v1"() {
    return z.record(z.string(), documentSchema).optional();
  },
});

/**
 * Reads `boot.json` of a system; `undefined` when it has none (`boot.bootspec.enable` is off).
 *
 * @throws MkimageError NOT_A_SYSTEM when the file is not a bootspec.
 */
export function readBootspec(toplevel: string): Bootspec | undefined {
  const file = join(toplevel, "boot.json");
  try {
    return parseBootspec(readFileSync(file, "utf8"), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Parses a bootspec document. Pure.
 *
 * @param name what to call it in an error.
 * @throws MkimageError NOT_A_SYSTEM listing every fault.
 *
 * Source: NixOS RFC 125, Bootspec v1, and the extensions `org.nixos.systemd-boot` and `org.nixos.extra-initrd.v1`.
 */
export function parseBootspec(text: string, name: string): Bootspec {
  const document = documentSchema.safeParse(parseJson(text, name));
  if (document.success) return bootspecOf(document.data);
  throw new MkimageError("NOT_A_SYSTEM", `${name} is not a bootspec of version 1`, {
    details: document.error.issues.map(({ path, message }) => `${path.join(" › ")}: ${message}`),
    hint: "rebuild the system with a NixOS of 22.11 or later",
  });
}

function bootspecOf(document: z.infer<typeof documentSchema>): Bootspec {
  const { initrd, initrdSecrets, ...entry } = document["org.nixos.bootspec.v1"];
  const extension = document["org.nixos.systemd-boot"];
  const specialisations = Object.entries(document["org.nixos.specialisation.v1"] ?? {});
  return {
    ...entry,
    initrd: initrd ?? undefined,
    initrdSecrets: initrdSecrets ?? undefined,
    systemdBoot: { sortKey: extension?.sortKey ?? undefined, devicetree: extension?.devicetree ?? undefined },
    extraInitrds: document["org.nixos.extra-initrd.v1"]?.paths ?? [],
    specialisations: Object.fromEntries(specialisations.map(([name, inner]) => [name, bootspecOf(inner)])),
  };
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MkimageError("NOT_A_SYSTEM", `${name} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
