import { formatNames } from "../../image/formats/registry.ts";
import type { ImageSettings } from "../../nix/image-settings.ts";
import type { Request } from "../../request/schema.ts";
import { fileName } from "../../request/values.ts";

/** A request in which the settings of a configuration stand where nothing was asked for, as if they had been given. */
interface HeardRequest {
  readonly request: Request;
  /** The settings that cannot be heard: which, with which value, and why. */
  readonly notes: readonly string[];
}

/**
 * Hears what a configuration says of its images: `disko.imageBuilder` and `disko.memSize` for the disks of its own
 * `disko.devices`, `image.baseName` for a partition table. What was asked for wins. Pure.
 *
 * @param toDisk whether the system goes straight onto a disk, where there is no image file.
 */
export function hearConfiguration(
  request: Request,
  settings: ImageSettings | undefined,
  toDisk: boolean,
): HeardRequest {
  if (settings === undefined) return { request, notes: [] };
  const offers = settings.isOwn ? offersOfImageBuilder(settings) : offersOfNixos(settings);
  const open = offers
    .filter(({ key }) => !request.given.has(key))
    .map((offer) => ({ ...offer, obstacle: obstacleOf(offer, toDisk) }));
  const heard = open.filter(({ obstacle }) => obstacle === undefined);
  const changes = Object.fromEntries(heard.map(({ key, value }) => [key, value]));
  const own = heard.flatMap(({ key, isDefault }) => (isDefault ? [] : [[key, "system"] as const]));
  const given = new Map([...request.given, ...own]);
  const unheard = open.flatMap(({ obstacle, isDefault, option, value }) =>
    obstacle === undefined || isDefault ? [] : [noteOn(option, value, obstacle)],
  );
  return { request: { ...request, ...changes, given }, notes: [...unheard, ...otherNotes(settings)] };
}

/** A value of a configuration for a key of the request. */
interface Offer {
  readonly option: string;
  readonly key: "format" | "name" | "postVm" | "memSize" | "baseName";
  readonly value: string | number;
  /** Whether nobody misses it where it cannot be heard. */
  readonly isDefault: boolean;
}

function offersOfImageBuilder({ imageFormat, name, extraPostVM, memSize }: ImageSettings): Offer[] {
  return [
    ...offered("disko.imageBuilder.imageFormat", "format", imageFormat, "raw"),
    ...offered("disko.imageBuilder.name", "name", name, null),
    ...offered("disko.imageBuilder.extraPostVM", "postVm", extraPostVM, ""),
    ...offered("disko.memSize", "memSize", memSize, 1024),
  ];
}

function offersOfNixos({ baseName }: ImageSettings): Offer[] {
  return offered("image.baseName", "baseName", baseName, null);
}

function offered(option: string, key: Offer["key"], value: string | number | null, fallback: unknown): Offer[] {
  return value === null ? [] : [{ option, key, value, isDefault: value === fallback }];
}

const leastMemory = 128;

function obstacleOf({ key, value }: Offer, toDisk: boolean): string | undefined {
  const isOfFiles = key === "format" || key === "postVm" || key === "baseName";
  if (toDisk && isOfFiles) return "a system that goes straight onto a disk has no image file";
  if (key === "format" && !(formatNames as readonly unknown[]).includes(value))
    return `the formats are ${formatNames.join(", ")}; the image is raw`;
  if ((key === "name" || key === "baseName") && !fileName.safeParse(value).success) return "it is no name of a file";
  if (key === "memSize" && Number(value) < leastMemory) return `a guest needs ${leastMemory} MiB; it gets 1024`;
  return undefined;
}

/** The settings that there is no option of this program for. */
function otherNotes(settings: ImageSettings): string[] {
  const { isOwn, isExtended, hasExtraConfig, baseName } = settings;
  if (!isOwn) return notesOnOtherDisks(settings);
  const { copyNixStore, enableBinfmt, extraRootModules } = settings;
  return [
    ...(hasExtraConfig && !isExtended
      ? [noteOn("disko.imageBuilder.extraConfig", "what it adds", "the configuration has no extendModules")]
      : []),
    ...(copyNixStore === false
      ? [noteOn("disko.imageBuilder.copyNixStore", false, "images hold the system; --devices FILE plans disks alone")]
      : []),
    ...(enableBinfmt === true
      ? [
          noteOn(
            "disko.imageBuilder.enableBinfmt",
            true,
            "a guest is of the system's own processor, emulated if need be",
          ),
        ]
      : []),
    ...(extraRootModules.length > 0
      ? [
          noteOn(
            "disko.imageBuilder.extraRootModules",
            extraRootModules.join(" "),
            "a guest has the modules that the device tree needs",
          ),
        ]
      : []),
    ...(baseName === null ? [] : [noteOn("image.baseName", baseName, "a disk's imageName is the name of its file")]),
  ];
}

/** Only what somebody has set for images would be missed. */
function notesOnOtherDisks({ hasExtraConfig, extraPostVM, imageFormat }: ImageSettings): string[] {
  const set = [
    hasExtraConfig ? "extraConfig" : "",
    extraPostVM === null || extraPostVM === "" ? "" : "extraPostVM",
    imageFormat === null || imageFormat === "raw" ? "" : `imageFormat = ${imageFormat}`,
  ].filter((text) => text !== "");
  if (set.length === 0) return [];
  return [`disko.imageBuilder (${set.join(", ")}) is not heard: it is for the system's own disko.devices`];
}

function noteOn(option: string, value: unknown, reason: string): string {
  return `${option} (${String(value)}) is not heard: ${reason}`;
}
