import { architectures } from "../guest/architecture.ts";
import { programSource } from "../guest/toolbox/program-source.ts";
import { imageFormats } from "../image/formats/registry.ts";
import { availableTools } from "./plan/guest-tools.ts";
import { ownVersion } from "../runtime/project-folder.ts";
import type { Tool } from "../runtime/tools.ts";
import type { BuildContext } from "./context.ts";
import type { Draft } from "./draft.ts";
import { guestArchitecture } from "./guest-architecture.ts";
import { versionOf } from "./version-of.ts";

/**
 * The version of everything whose output is in the image's bytes: they are the same for the same versions.
 *
 * @throws MkimageError MISSING_TOOL for the first that is not there.
 */
export async function toolVersions(drafted: Draft, context: BuildContext): Promise<Readonly<Record<string, string>>> {
  const { zlib, zstd } = process.versions;
  const own = { mkimage: ownVersion(), node: process.versions.node, zlib, zstd: zstd ?? "" };
  const tools = toolsOf(drafted);
  const versions = await Promise.all(
    tools.map(async (tool) => drafted.versions.get(tool) ?? (await versionOf(tool, undefined, context))),
  );
  const { toolbox } = drafted.blueprint.request;
  return {
    ...own,
    ...(toolbox === undefined ? {} : { toolbox }),
    ...Object.fromEntries(tools.map((tool, index) => [tool, versions[index] ?? ""])),
  };
}

function toolsOf({ blueprint, recipe: { disks, guests } }: Draft): Tool[] {
  const { request, source } = blueprint;
  return [
    ...(request.partition === "none" ? [] : (["sfdisk"] as const)),
    ...imageFormats[request.format].tools,
    ...(guests.length > 0 ? (["busybox", architectures[guestArchitecture(source)].qemu] as const) : []),
    // A toolbox of the user's own is named by its store path, and may be for another processor.
    ...((disks.by === "guest" || disks.by === "nixos-install") && request.toolbox === undefined
      ? availableTools(disks.tools, programSource(undefined))
      : []),
  ];
}
