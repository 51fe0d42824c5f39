import type { Blueprint } from "../plan/blueprint.ts";
import { architectures } from "../guest/architecture.ts";
import { ownVersion } from "../process/project-folder.ts";
import { run } from "../process/run.ts";
import type { Tool } from "../process/tools.ts";
import type { Format } from "../request/choices.ts";

/**
 * The version of everything whose output is in the image's bytes: they are the same for the same versions.
 *
 * @throws MkimageError MISSING_TOOL for the first that is not there.
 */
export async function toolVersions(
  blueprint: Blueprint,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const { zlib, zstd } = process.versions;
  const own = { mkimage: ownVersion(), node: process.versions.node, zlib: zlib ?? "", zstd: zstd ?? "" };
  const tools = toolsOf(blueprint);
  const versions = await Promise.all(tools.map((tool) => versionOf(tool, signal)));
  return { ...own, ...Object.fromEntries(tools.map((tool, index) => [tool, versions[index] ?? ""])) };
}

const convertedFormats: readonly Format[] = ["vdi", "vpc", "vhdx", "vmdk"];

function toolsOf({ request, boot, source }: Blueprint): Tool[] {
  return [
    ...(request.partition === "none" ? [] : (["sfdisk"] as const)),
    ...(convertedFormats.includes(request.format) ? (["qemu-img"] as const) : []),
    ...(boot.engine === "guest" && source.system !== undefined
      ? (["busybox", architectures[source.system.architecture].qemu] as const)
      : []),
  ];
}

async function versionOf(tool: Tool, signal: AbortSignal): Promise<string> {
  // Busybox says it when nothing is asked of it.
  const question = tool === "busybox" ? [] : ["--version"];
  const { stdout } = await run(tool, question, { signal, deadlineSeconds: 30 });
  return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? "";
}
