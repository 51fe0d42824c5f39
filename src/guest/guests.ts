import { chooseAcceleration } from "./acceleration.ts";
import { chooseKernel } from "./kernel.ts";
import { runGuest } from "./run-guest.ts";
import { openToolbox } from "./toolbox/toolbox.ts";

/** The guests that a build can have. Tests put others in their place. */
export interface Guests {
  readonly chooseKernel: typeof chooseKernel;
  readonly chooseAcceleration: typeof chooseAcceleration;
  readonly openToolbox: typeof openToolbox;
  readonly runGuest: typeof runGuest;
}

export const guestsInQemu: Guests = { chooseKernel, chooseAcceleration, openToolbox, runGuest };
