import type { ContentType } from "../../content-type.ts";
import { identified } from "../../tree/taken.ts";
import { luksReading } from "./found.ts";
import { luksChanges } from "./changes.ts";
import { notInImages } from "./enrol.ts";
import { insideLuks } from "./inside.ts";
import { keyFilesOf, luksKeyOf } from "./key.ts";
import { deviceInLuks, headerSize, layOutLuks } from "./layout.ts";
import { containerShell } from "./shell.ts";
import { luksInNixos } from "./nixos.ts";
import { type LuksNode, luksNode } from "./schema.ts";
import { luksSteps } from "./steps.ts";

/** An encrypted container. */
export const luksType: ContentType<LuksNode> = {
  schema: ({ device }) => luksNode(device),
  layout: { kind: "container", headerSize, inside: deviceInLuks, layOut: layOutLuks },
  steps: luksSteps,
  shell: containerShell,
  contents: ({ content }, path) => [{ path: `${path}.content`, node: content }],
  inside: insideLuks,
  takes: ({ name, uuid }, path) => [{ what: `the name of a container ${name}`, path }, ...identified(uuid, path)],
  modules: () => ["dm_mod", "dm_crypt", "xts", "aes_generic", "sha256_generic", "algif_skcipher", "algif_hash"],
  changes: luksChanges,
  nixos: luksInNixos,
  users: ({ node }) => [{ kind: "crypt", name: node.name }],
  keys: (node) => ({
    asked: luksKeyOf(node).kind === "asked" ? node.name : undefined,
    files: keyFilesOf(node),
  }),
  machineOnly: notInImages,
  found: luksReading,
};
