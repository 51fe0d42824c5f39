import { mapperPath } from "../../../layout/partition-path.ts";
import { step } from "../../../steps/step.ts";
import type { Comparison, ContentChanges, ContentPair } from "../../changes/type-changes.ts";
import type { StepContext } from "../../steps/context.ts";
import type { Located } from "../../tree/locate.ts";
import { keyOf, withInput } from "./key-input.ts";
import { headerSize } from "./layout.ts";
import type { LuksNode } from "./schema.ts";

/** A container grows with its device while it is open; its name is only that of the opened one. */
export const luksChanges: ContentChanges<LuksNode> = { compare };

function compare(pair: ContentPair<LuksNode>): Comparison {
  const { wanted, found, path, foundPath, before, after, facts, factsIn } = pair;
  if (found.type !== "luks") return { properties: [] };
  const inner = factsIn(".content");
  const header = headerSize(found);
  const innerBefore = inner?.size ?? before - header;
  // Its device may have grown before, and nobody has told it.
  const isBehind = inner !== undefined && after - header - inner.size >= 2 ** 20;
  const grows = after > before || isBehind;
  const refusals = [
    ...(after < before ? ["a container is not made smaller"] : []),
    ...(wanted.uuid !== null && wanted.uuid.toLowerCase() !== facts.uuid?.toLowerCase()
      ? [`it has the UUID ${facts.uuid ?? "of another"}: leave uuid out, or give it that`]
      : []),
    ...(found.name === wanted.name ? [] : [`it is open as ${found.name}: close it, and open it as ${wanted.name}`]),
  ];
  return {
    properties:
      grows && after <= before
        ? [{ name: "size", from: "less than its device", to: "its device", change: "growing" }]
        : [],
    ...(refusals.length === 0 ? {} : { refusal: refusals.join("; ") }),
    steps: grows ? { grow: ({ located, context }) => [growStep(located(path) as Located<LuksNode>, context)] } : {},
    inside: [
      {
        path: `${path}.content`,
        foundPath: `${foundPath}.content`,
        wanted: wanted.content,
        found: found.content,
        device: mapperPath(wanted.name),
        before: innerBefore,
        after: Math.max(after - header, innerBefore),
        name: `luks-${wanted.name}`,
      },
    ],
  };
}

/** Whoever opened it has its key in the kernel's keyring, which is no key for a new size. */
function growStep({ node, path, device }: Located<LuksNode>, context: StepContext) {
  const key = keyOf(node, context);
  const argv = ["cryptsetup", "resize", ...key.arguments, node.name];
  return step(path, `grow the container ${node.name} to the size of ${device}`, [], withInput(argv, key, 1));
}
