import { type Architecture, ownArchitecture } from "../guest/architecture.ts";
import type { ImageSource } from "./plan/source.ts";

/** The processor of a build's guests: the system's, or this machine's where there is none. */
export function guestArchitecture({ system }: ImageSource): Architecture {
  return system?.architecture ?? ownArchitecture();
}
