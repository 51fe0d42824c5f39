import type { NetworkFacts } from "../network-facts.ts";
import type { Said } from "../said.ts";
import { readLinks } from "./links.ts";
import { readNameServers } from "./name-servers.ts";
import { readRoutes } from "./routes.ts";

/** Reads how a machine is reached from what it said. Pure. */
export function readNetwork(said: Said): NetworkFacts {
  const links = readLinks(said);
  return { links, routes: readRoutes(said, links), ...readNameServers(said) };
}
