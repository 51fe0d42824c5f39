import { MiB } from "../../../base/units.ts";
import { swapNamesOf } from "../../../layout/identity-of-filesystem.ts";
import type { ContentType } from "../../content-type.ts";
import { identified } from "../../tree/taken.ts";
import { swapChanges } from "./changes.ts";
import { swapInNixos } from "./nixos.ts";
import { swapReading } from "./found.ts";
import { type SwapNode, swap } from "./schema.ts";
import { swapSteps } from "./steps.ts";

/** Swap space. */
export const swapType: ContentType<SwapNode> = {
  schema: () => swap,
  layout: {
    kind: "leaf",
    need: () => MiB,
    layOut: (node, geometry, { identity }) => {
      const { randomEncryption, extraArgs } = node;
      const names = swapNamesOf(node, geometry.path, identity);
      return { kind: "swap", randomEncryption, extraArgs, ...names, ...geometry };
    },
  },
  isForSystemOnly: true,
  steps: swapSteps,
  takes: ({ uuid }, path) => identified(uuid, path),
  changes: swapChanges,
  nixos: swapInNixos,
  users: ({ device }) => [{ kind: "swap", name: device }],
  found: swapReading,
};
