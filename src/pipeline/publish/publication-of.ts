import { imageFormats } from "../../image/formats/registry.ts";
import { variantOf } from "../../variants/registry.ts";
import type { Installed } from "../install.ts";
import type { Blueprint } from "../plan/blueprint.ts";
import { firmwareOf } from "../plan/machine.ts";
import type { Publication } from "./publish.ts";

/** The parts of a publication that depend on the kind of the image. Pure. */
export function publicationOf(
  { request, source }: Blueprint,
  { plan }: Pick<Installed, "plan">,
): Pick<Publication, "type" | "imageInfo"> {
  const usual = `${imageFormats[request.format].driver}-image`;
  if (request.variant === undefined) return { type: usual };
  const { product: type = usual, imageInfo } = variantOf(request.variant);
  const facts = {
    bytes: plan.layout.disks[0]?.size ?? 0,
    firmware: firmwareOf(request),
    label: source.system?.bootspec?.label ?? request.name,
    system: `${source.system?.architecture ?? "x86_64"}-linux`,
  };
  return { type, imageInfo: imageInfo === undefined ? undefined : (file) => imageInfo({ ...facts, file }) };
}
