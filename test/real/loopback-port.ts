import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** Waits until somebody listens on a port of the loopback. */
export async function listens(port: number): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const answered = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (answered) return;
    if (attempt > 300) throw new Error(`nothing listens on port ${port}`);
    await pause(100);
  }
}
