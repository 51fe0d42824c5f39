import * as z from "zod";
import { withDefault } from "./option.ts";

/** Shell lines that every node can carry; the node's options are variables in them. */
export const hooks = {
  preCreateHook: hook("before the node is created"),
  postCreateHook: hook("after the node was created"),
  preMountHook: hook("before the node is mounted"),
  postMountHook: hook("after the node was mounted"),
  preUnmountHook: hook("before the node is unmounted"),
  postUnmountHook: hook("after the node was unmounted"),
};

function hook(when: string) {
  return withDefault(z.string(), "", `Shell lines that run ${when}.`);
}
