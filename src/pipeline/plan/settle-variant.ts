import type { Partition } from "../../devices/presets/choices.ts";
import type { Fault } from "../../base/schema/faults.ts";
import { type Bytes, formatSize, MiB, parseSize } from "../../base/units.ts";
import { badRequest } from "../../request/parse.ts";
import type { Request } from "../../request/schema.ts";
import { writtenName } from "../../request/written.ts";
import { fileName } from "../../request/values.ts";
import { type VariantName, variantOf } from "../../variants/registry.ts";
import type { VariantSettings } from "../../variants/settings.ts";
import type { Variant } from "../../variants/variant.ts";
import type { InstalledSystem } from "./source.ts";

/** A request, in which an image variant stands as if all that it means had been asked for. */
interface SettledVariant {
  readonly request: Request;
  /** The choices of the configuration, and what of it is not heard: lines for the user. */
  readonly notes: readonly string[];
}

/** The facts by which a variant is settled, besides the request. */
interface VariantSource {
  readonly system: Pick<InstalledSystem, "firmware"> | undefined;
  /** The settings of the variant's configuration; undefined where there is only a system. */
  readonly variant: VariantSettings | undefined;
}

/**
 * Puts a variant's format, table and sizes into the request: what the user asks for first, then what its configuration says.
 * Pure.
 *
 * @throws MkimageError BAD_REQUEST for what no such image can be.
 */
export function settleVariant(asked: Request, source: VariantSource): SettledVariant {
  if (asked.variant === undefined) return { request: asked, notes: [] };
  const variant = variantOf(asked.variant);
  const settings = source.variant ?? nothingSaid;
  const request: Request = {
    ...asked,
    format: variant.format,
    compress: variant.compress,
    partition: asked.partition ?? settings.partition ?? tableFor(variant, source.system?.firmware),
    ...leftOpen(asked, {
      size: sizeOf(settings.size, asked.size),
      additionalSpace: sizeOf(settings.additionalSpace, asked.additionalSpace),
      bootSize: sizeOf(settings.bootSize, asked.bootSize),
      baseName: nameOf(settings.baseName) ?? asked.baseName,
    }),
  };
  const faults = faultsOf(asked.variant, variant, request, settings);
  if (faults.length > 0) throw badRequest(faults);
  return { request, notes: notesOn(asked, request, settings) };
}

const nothingSaid: VariantSettings = { unheard: [], impossible: [] };

/** The values of a configuration for keys that were not given. */
function leftOpen(asked: Request, said: Partial<Request>): Partial<Request> {
  return Object.fromEntries(Object.entries(said).filter(([key]) => !asked.given.has(key)));
}

function sizeOf<Other>(text: string | number | null | undefined, other: Other): Bytes | Other {
  return text === undefined || text === null || text === "auto" ? other : parseSize(String(text), MiB);
}

/** A name that no file can have is none. */
function nameOf(text: string | null | undefined): string | undefined {
  return fileName.safeParse(text).data;
}

/** The table that the system's bootloader starts from, if it is one of the variant's. */
function tableFor({ partitions }: Variant, firmware: InstalledSystem["firmware"]): Partition {
  const [first] = partitions;
  if (firmware === undefined || partitions.length === 1) return first;
  const wanted = firmware.bios && firmware.uefi ? "hybrid" : firmware.uefi ? "efi" : undefined;
  if (wanted !== undefined) return partitions.find((table) => table === wanted) ?? first;
  return partitions.find((table) => table !== "efi" && table !== "efixbootldr") ?? first;
}

function faultsOf(
  variant: VariantName,
  { partitions, alignment = MiB }: Variant,
  { partition, size, given }: Request,
  { impossible }: VariantSettings,
): Fault[] {
  const name = (key: keyof Request) => writtenName(given, key);
  const isTable = partitions.some((table) => table === partition);
  const isWhole = size === "auto" || size % alignment === 0;
  return [
    ...(isTable
      ? []
      : [
          `${name("partition")}: ${variant} starts from ${partitions.join(", ")} (given: ${JSON.stringify(partition)})`,
        ]),
    ...(isWhole
      ? []
      : [`${name("size")}: ${variant} takes a multiple of ${formatSize(alignment)} (given: ${size} bytes)`]),
    ...impossible.map(
      (option) =>
        `${name("variant")}: no such ${variant} image is made with ${option}; leave it off, or build it with Nix`,
    ),
  ];
}

function notesOn(asked: Request, request: Request, { unheard }: VariantSettings): string[] {
  const isOwn = request.size !== asked.size;
  return [
    ...(isOwn
      ? [
          `the size is ${formatSize(request.size as Bytes)}, as the variant's configuration says; --size gives it another`,
        ]
      : []),
    ...unheard.map((option) => `${option} is not heard${instead(option)}`),
  ];
}

function instead(option: string): string {
  if (option.endsWith(".contents")) return "; --contents adds files";
  return option.endsWith(".configFile") ? "; --config-file adds it" : "";
}
