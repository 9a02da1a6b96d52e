/** The API token, which sessionStorage keeps until the tab is closed. */

import { notifyListeners } from "./events.js";
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";

const KEY = "skillmeat-token";
// An HTTP header can contain only printable ASCII.
const POSSIBLE = "[ -~]+";
let asking = null;
let refused = false;

export const token = () => sessionStorage.getItem(KEY);

/** Whether the user closed the dialog without a token. */
export const isTokenMissing = () => refused;

/** Ask for a token, in one dialog for all requests. Return the token, or null. */
export function askForToken(wrong) {
  asking ??= requestToken(wrong).then((entered) => {
    asking = null;
    const late = refused && entered !== null;
    refused = entered === null;
    // Views that failed without a token can load now.
    if (late) notifyListeners({});
    return entered;
  });
  return asking;
}

function requestToken(wrong) {
  const why = wrong === null
    ? "This server needs a token. Create one with “skillmeat token create”."
    : "The server did not accept this token. Enter another.";
  const input = h("input", {
    id: "token", type: "password", autocomplete: "off", required: true, autofocus: true,
    pattern: POSSIBLE, title: "Letters, digits and punctuation of ASCII only.",
    "aria-describedby": "token-why", "aria-label": "Token",
  });
  return new Promise((resolve) => {
    let entered = null;
    const dialog = openDialog("Token needed", (close) => {
      const form = h("form", { method: "dialog" },
        h("p", { id: "token-why" }, why), input,
        h("p", { class: "note" }, "This tab keeps the token until you close it."),
        h("div", { class: "choices" },
          h("button", { type: "button", class: "quiet", click: close }, "Cancel"),
          h("button", { type: "submit", class: "main" }, "Continue")));
      form.addEventListener("submit", () => {
        entered = input.value.trim();
        sessionStorage.setItem(KEY, entered);
      });
      return [form];
    });
    dialog.addEventListener("close", () => resolve(entered));
  });
}
