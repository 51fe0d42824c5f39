import { contentTypeOf } from "../devices/registry.ts";
import { contentsOf } from "../devices/tree/contents.ts";
import { filesystemOf } from "../filesystems/registry.ts";
import type { ToolVersions } from "../filesystems/survey.ts";
import { programSource } from "../guest/toolbox/program-source.ts";
import type { BuildContext } from "./context.ts";
import type { Blueprint } from "./plan/blueprint.ts";
import { versionOf } from "./version-of.ts";

/**
 * The versions of the programs by which the filesystems of a tree are sized. A program that is not there has none: an image
 * can be planned without it, and making it says what is missing.
 */
export async function sizingVersions(
  { tree, request: { toolbox } }: Pick<Blueprint, "tree" | "request">,
  context: BuildContext,
): Promise<ToolVersions> {
  const formats = contentsOf(tree).flatMap(({ node }) => contentTypeOf(node).format?.(node) ?? []);
  const tools = formats.flatMap((format) => filesystemOf(format).sizedBy ?? []);
  const there = [...new Set(tools)].filter((tool) => programSource(toolbox).lookUp(tool) !== undefined);
  const versions = await Promise.all(
    there.map(async (tool) => [tool, await versionOf(tool, toolbox, context)] as const),
  );
  return new Map(versions.filter((entry): entry is readonly [(typeof entry)[0], string] => entry[1] !== undefined));
}
