/** The order of names, and the names of types. */

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Compare collections: `default` first, as the server sorts them, then by name. */
export function compareByName(one, other) {
  const first = Number(other.id === "default") - Number(one.id === "default");
  return first || collator.compare(one.name, other.name);
}

/** The types that every catalogue has from the start. */
export const TYPES = [
  "agent", "command", "composite", "context_file", "hook", "lsp_server", "mcp", "mcp_server", "monitor",
  "output_style", "progress_template", "project_config", "rule_file", "skill", "spec_file", "theme",
  "workflow",
];

export const typeName = (type) => type.replaceAll("_", " ");
