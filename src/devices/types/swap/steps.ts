import type { SwapNode } from "./schema.ts";
import { type Claim, claimOn } from "../../../steps/claim.ts";
import type { StepContext } from "../../steps/context.ts";
import { withHooks } from "../../../steps/hooks.ts";
import type { Located } from "../../tree/locate.ts";
import { makingSteps } from "../../steps/making.ts";
import { mkfsArguments } from "../../steps/mkfs.ts";
import { type NodeSteps, noSteps } from "../../../steps/node-steps.ts";
import { step } from "../../../steps/step.ts";

/** Swap space: made where nothing is, switched on. What is encrypted anew at each boot is left to the system. */
export function swapSteps(located: Located<SwapNode>, context: StepContext): NodeSteps {
  const { node, path, device, key } = located;
  const place = { path, device, key, root: context.setting.root };
  const claim = swapClaim(located);
  if (node.randomEncryption) return withHooks(node, place, { ...noSteps, claims: [claim] });
  const mkswap = ["mkswap", ...mkfsArguments(node, "swap", path, context), device];
  const make = step(path, `make swap space on ${device}`, [{ kind: "is unmade", claim }], mkswap);
  // lsblk says `[SWAP]` in place of a mount point.
  const usedFor = ["lsblk", "--nodeps", "--noheadings", "--output", "MOUNTPOINT", device];
  return withHooks(node, place, {
    ...noSteps,
    claims: [claim],
    create: makingSteps(claim, context, [make]),
    open: [step(path, `swap to ${device}`, [{ kind: "prints nothing", argv: usedFor }], swaponArguments(node, device))],
    close: [
      step(
        path,
        `stop swapping to ${device}`,
        [{ kind: "prints", argv: usedFor, text: "[SWAP]" }],
        ["swapoff", device],
      ),
    ],
  });
}

/** Returns the claim of swap space. With random encryption it loses its signature at first boot, and is in use without one. */
function swapClaim(located: Located<SwapNode>): Claim {
  const claim = claimOn(located, "swap space", "swap");
  return located.node.randomEncryption ? { ...claim, mayBeInUse: true } : claim;
}

/** The command that switches swap space on as its node wants it. */
function swaponArguments({ discardPolicy, priority, mountOptions }: SwapNode, device: string): string[] {
  const discard = discardPolicy === null ? [] : [discardPolicy === "both" ? "--discard" : `--discard=${discardPolicy}`];
  const options = mountOptions.filter((option) => option !== "defaults");
  return [
    "swapon",
    ...discard,
    ...(priority === null ? [] : [`--priority=${priority}`]),
    ...(options.length === 0 ? [] : [`--options=${options.join(",")}`]),
    device,
  ];
}
