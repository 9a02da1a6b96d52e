/** The one message at the bottom: what was done, or what failed, and what to do about it. */

import { byId, refocus } from "./dom.js";

let origin = null;

/** Say what was done; `action` is `{label, act}`. */
export const say = (text, action = null) => show("status", text, action);

/** Say what failed. */
export const fail = (text, action = null) => show("alert", text, action);

/** Say why a promise was rejected, unless it was dropped on purpose. */
export function sayWhy(what, again = null) {
  return (error) => {
    if (error.name === "AbortError") return;
    fail(`${what}: ${error.message}`, again && { label: "Try again", act: again });
  };
}

function show(role, text, action) {
  // Behind a dialog the bar can be neither read nor heard.
  const said = document.querySelector("dialog[open] .said");
  if (said) {
    said.textContent = text;
    return;
  }
  const bar = byId("message");
  for (const line of bar.querySelectorAll("p")) {
    line.textContent = line.getAttribute("role") === role ? text : "";
  }
  if (!bar.contains(document.activeElement)) origin = document.activeElement;
  bar.classList.add("shown");
  const [act, dismiss] = bar.querySelectorAll("button");
  act.hidden = action === null;
  act.textContent = action?.label ?? "";
  act.onclick = () => {
    unsay();
    action.act();
  };
  dismiss.hidden = false;
  dismiss.onclick = unsay;
}

/** Take back what was said. */
export function unsay() {
  const bar = byId("message");
  const focused = bar.contains(document.activeElement);
  bar.classList.remove("shown");
  bar.querySelectorAll("p").forEach((line) => line.replaceChildren());
  bar.querySelectorAll("button").forEach((button) => {
    button.hidden = true;
  });
  if (focused) refocus(origin);
}
