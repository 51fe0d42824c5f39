import { MiB } from "../../../base/units.ts";
import { step } from "../../../steps/step.ts";
import { type Property } from "../../changes/difference.ts";
import type { Comparison, UnitChanges, UnitPair } from "../../changes/type-changes.ts";
import { arraySize } from "./layout.ts";
import type { MdadmNode } from "./schema.ts";

/** An array grows with its members; their number and its level stay. */
export const mdadmChanges: UnitChanges<MdadmNode> = { compare, empty: (node) => ({ ...node, content: null }) };

function compare(pair: UnitPair<MdadmNode>): Comparison {
  const { wanted, found, name, foundName, path, foundPath, facts, members } = pair;
  const device = `/dev/md/${name}`;
  const before = facts?.size ?? 0;
  const gained = gainedOn(pair);
  const after = before + gained;
  const lacking = facts?.missing ?? 0;
  const isWhole =
    members.every(({ group }) => group === foundName) || members.every(({ group }) => group === undefined);
  const refusals = [
    ...(wanted.level === found.level ? [] : [`it is RAID ${found.level}, and does not become RAID ${wanted.level}`]),
    ...(name === foundName ? [] : [`it is called ${foundName}, and an array is not renamed`]),
    ...(isWhole ? [] : ["no member is added to an array"]),
    ...(lacking > 0 && gained > 0 ? [`it lacks ${lacking} members: it grows when all are there`] : []),
  ];
  const grow = step(path, `grow array ${device}`, [], ["mdadm", "--grow", device, "--size=max"]);
  const properties: Property[] =
    gained === 0 ? [] : [{ name: "size", from: "less than its members", to: "its members", change: "growing" }];
  return {
    properties,
    ...(refusals.length === 0 ? {} : { refusal: refusals.join("; ") }),
    steps: gained === 0 ? {} : { grow: () => [grow] },
    inside: [
      {
        path: `${path}.content`,
        foundPath: `${foundPath}.content`,
        wanted: wanted.content,
        found: found.content,
        device: facts?.device ?? device,
        before,
        after,
        name: `mdadm-${name}`,
      },
    ],
    after: { size: after },
  };
}

/** An array that had larger members when it was made has more room on them than one of their size is planned to have. */
function gainedOn({ found, facts, members }: UnitPair<MdadmNode>): number {
  const grows = found.level !== 0 && found.level !== 10;
  if (members.length === 0 || !grows) return 0;
  const sizes = members.map(({ after }) => after);
  const gained = arraySize(found.level, sizes) - (facts?.size ?? 0);
  return gained < MiB ? 0 : gained;
}
