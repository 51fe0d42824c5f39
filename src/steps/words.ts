/** A path of the system, below the folder where the system is mounted. */
export function below(root: string, path: string): string {
  const base = root.replace(/\/+$/, "");
  const rest = path.replace(/^\/+|\/+$/g, "");
  return rest === "" ? base || "/" : `${base}/${rest}`;
}
