import type { Connection } from "../../../src/remote/connection.ts";
import type { Clock } from "../../../src/runtime/clock.ts";

/** A connection to a machine that answers scripts from a function. */
export function fakeConnection(answer: (script: string, arguments_: readonly string[]) => string): Connection & {
  readonly isOpen: () => boolean;
} {
  let open = true;
  return {
    destination: "root@target",
    isOpen: () => open,
    run: async (script, arguments_, { input } = {}) => {
      if (typeof input === "object") for await (const _ of input);
      return answer(script, arguments_);
    },
    [Symbol.asyncDispose]: async () => {
      open = false;
    },
  };
}

/** A clock that is where those who pause want it to be. */
export function fakeClock(): Clock {
  let seconds = 1000;
  return {
    now: () => seconds,
    pause: async (pause) => {
      seconds += pause;
    },
  };
}
