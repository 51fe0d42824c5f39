export async function convertRaw(..._: unknown[]): Promise<void> { throw new Error("later"); }
