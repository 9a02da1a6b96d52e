/** The token that the server asks for: kept until the tab is closed, and nowhere else. */

import { openDialog } from "./dialog.js";
import { h } from "./dom.js";

const KEY = "skillmeat-token";
let asking = null;

export const token = () => sessionStorage.getItem(KEY);

/** What was entered, or null; one dialog for all requests that wait for it. */
export function askForToken(refused) {
  asking ??= ask(refused).finally(() => {
    asking = null;
  });
  return asking;
}

function ask(refused) {
  const why = refused === null
    ? "This server asks for one. “skillmeat token create” makes one."
    : "The server did not accept that token.";
  const input = h("input", {
    id: "token", type: "password", autocomplete: "off", required: true, autofocus: true,
    "aria-describedby": "token-why", "aria-label": "Token",
  });
  return new Promise((resolve) => {
    let entered = null;
    const dialog = openDialog("Token needed", (close) => {
      const form = h("form", { method: "dialog" },
        h("p", { id: "token-why" }, why), input,
        h("p", { class: "note" }, "It is kept in this tab until you close it."),
        h("div", { class: "choices" },
          h("button", { type: "button", class: "quiet", click: close }, "Cancel"),
          h("button", { type: "submit", class: "main" }, "Go on")));
      form.addEventListener("submit", () => {
        entered = input.value.trim();
        sessionStorage.setItem(KEY, entered);
      });
      return [form];
    });
    dialog.addEventListener("close", () => resolve(entered));
  });
}
