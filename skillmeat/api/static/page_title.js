/** The title of the document: the artifact that the panel shows, or else the list. */

const names = { list: null, panel: null };

export const setListTitle = (name) => set("list", name);

/** Set the name of the artifact in the panel, or null while the panel is closed. */
export const setPanelTitle = (name) => set("panel", name);

function set(key, name) {
  names[key] = name;
  const shown = names.panel ?? names.list;
  document.title = shown === null ? "SkillMeat" : `${shown} · SkillMeat`;
}
