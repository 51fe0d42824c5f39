import { type Step, step } from "../../../steps/step.ts";
import { type Property } from "../../changes/difference.ts";
import type { Comparison, UnitChanges, UnitPair } from "../../changes/type-changes.ts";
import { compareVolumes } from "./compare-volumes.ts";
import type { LvmVgNode } from "./schema.ts";

/** A volume group gets members and volumes, and its volumes other sizes and names. */
export const lvmVgChanges: UnitChanges<LvmVgNode> = { compare, empty: (node) => ({ ...node, lvs: {} }) };

function compare(pair: UnitPair<LvmVgNode>): Comparison {
  const { name, foundName, path, members, facts } = pair;
  const strangers = members.filter(({ group }) => group !== undefined && group !== foundName);
  const added = members.filter(({ group }) => group === undefined);
  const lacking = facts?.missing ?? 0;
  const refusals = [
    ...strangers.map((member) => `${member.device} belongs to ${member.group}`),
    ...(lacking > 0 ? [`${lacking} of its physical volumes are missing`] : []),
  ];
  const { parts, inside, after } = compareVolumes(pair);
  const renamed: Property[] = name === foundName ? [] : [{ name: "name", from: foundName, to: name, change: "free" }];
  const extended: Property[] = added.map(({ device }) => ({
    name: "members",
    from: "",
    to: device,
    change: "additive",
  }));
  return {
    properties: [...renamed, ...extended],
    ...(refusals.length === 0 ? {} : { refusal: refusals.join("; ") }),
    steps: {
      ...(name === foundName
        ? {}
        : {
            rename: () => [
              step(
                path,
                `rename volume group ${foundName} to ${name}`,
                [isGroup(foundName)],
                ["vgrename", foundName, name],
              ),
            ],
          }),
      grow: ({ located }) => added.flatMap((member) => extend(name, member.path, located(member.path).device)),
    },
    parts,
    inside,
    after,
  };
}

function isGroup(name: string) {
  return { kind: "succeeds", argv: ["vgs", name] } as const;
}

/** A device that is a physical volume already is in the group, or is added to it. */
function extend(name: string, path: string, device: string): Step[] {
  return [
    step(path, `make ${device} a physical volume`, [{ kind: "is empty", device }], ["pvcreate", "--yes", device]),
    step(
      path,
      `add ${device} to volume group ${name}`,
      [{ kind: "prints nothing", argv: ["volume_group_of", device] }],
      ["vgextend", name, device],
    ),
  ];
}
