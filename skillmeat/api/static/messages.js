/** The message bar: the last action or error, with an undo or a retry. */

import { byId, restoreFocus } from "./dom.js";

let origin = null;

/** Show the result of an action. The button `action` is `{label, act}`. */
export const showMessage = (text, action = null) => show("status", text, action);

/** Show an error, with a button as `showMessage` does. */
export const showError = (text, action = null) => show("alert", text, action);

/** Return a handler that shows the error of a promise, unless it was aborted. */
export function reportError(what, again = null) {
  return (error) => {
    if (error.name === "AbortError") return;
    showError(`${what}: ${error.message}`, again && { label: "Try again", act: again });
  };
}

function show(role, text, action) {
  // A modal dialog hides the bar from sight and from screen readers.
  const said = [...document.querySelectorAll("dialog[open] .said")].at(-1);
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
    hideMessage();
    action.act();
  };
  dismiss.hidden = false;
  dismiss.onclick = hideMessage;
}

/** Hide the message. */
export function hideMessage() {
  const bar = byId("message");
  const focused = bar.contains(document.activeElement);
  bar.classList.remove("shown");
  bar.querySelectorAll("p").forEach((line) => line.replaceChildren());
  bar.querySelectorAll("button").forEach((button) => {
    button.hidden = true;
  });
  if (focused) restoreFocus(origin);
}
