/** For what is parsed once in a run: without the parser that zod compiles for a schema first, which pays after some hundred. */
export const readOnce = { jitless: true } as const;
