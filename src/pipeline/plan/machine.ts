import type { DescribedMachine } from "../../image/packings/archive.ts";
import type { Request } from "../../request/schema.ts";
import type { Blueprint } from "./blueprint.ts";

/** The virtual machine that an archive describes, where its configuration says no more: enough to boot. */
const usual = { memory: 1536, processors: 1 } as const;

/** The machine that an image is for. Pure. */
export function machineOf({ request, source }: Pick<Blueprint, "request" | "source">): DescribedMachine {
  const { name, memory, settings: all = {} } = source.variant?.machine ?? {};
  const { bios, ...settings } = all;
  return {
    ...usual,
    name: name ?? request.baseName,
    firmware: request.partition === "hybrid" && bios === "ovmf" ? "uefi" : firmwareOf(request),
    ...(typeof memory === "number" ? { memory } : {}),
    settings,
  };
}

/** The firmware that a partition table is for; BIOS where it is for both. */
export function firmwareOf({ partition }: Pick<Request, "partition">): DescribedMachine["firmware"] {
  return partition === "efi" || partition === "efixbootldr" ? "uefi" : "bios";
}
