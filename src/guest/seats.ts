import { openTemporaryWorkspace } from "../runtime/workspace.ts";
import { chooseAcceleration } from "./acceleration.ts";
import { findFirmware } from "./firmware.ts";
import { runSeat } from "./run-seat.ts";

/** The machines that somebody sits at, with what they take of this one. Tests put others in their place. */
export interface Seats {
  readonly chooseAcceleration: typeof chooseAcceleration;
  readonly findFirmware: typeof findFirmware;
  readonly openTemporaryWorkspace: typeof openTemporaryWorkspace;
  readonly runSeat: typeof runSeat;
}

export const seatsInQemu: Seats = { chooseAcceleration, findFirmware, openTemporaryWorkspace, runSeat };
