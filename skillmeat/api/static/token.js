/** The API token, which all tabs of the browser share and keep until the last one is closed. */

import { notifyListeners } from "./events.js";
import { openDialog } from "./dialog.js";
import { byId, h } from "./dom.js";

const KEY = "skillmeat-token";
// An HTTP header can contain only printable ASCII.
const POSSIBLE = /^[ -~]+$/;
// Another tab answers within milliseconds, or is not there.
const PATIENCE = 200;
// sessionStorage belongs to one tab; localStorage would keep a secret after the session.
const channel = new BroadcastChannel("skillmeat-token");
let asking = null;
let refused = false;
let showEntered = () => {};

export const token = () => sessionStorage.getItem(KEY);

/** Whether the user closed the dialog without a token. */
export const isTokenMissing = () => refused;

export function startToken() {
  channel.addEventListener("message", ({ data: { is, wanted } }) => {
    if (wanted && token() !== null) channel.postMessage({ is: token() });
    if (is !== undefined) keep(is);
  });
  byId("change-token").addEventListener("click", changeToken);
  showButton();
}

/** Keep the token of another tab, or forget it as the other tab did. */
function keep(entered) {
  if (entered === token()) return;
  store(entered);
  showEntered(entered);
  if (asking !== null) return;
  refused = false;
  notifyListeners({});
}

function store(entered) {
  if (entered === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, entered);
  showButton();
}

const showButton = () => {
  byId("change-token").hidden = token() === null && !refused;
};

/** Ask the other tabs for a token, then the user, once for all requests. Return it, or null. */
export function askForToken(wrong) {
  asking ??= borrowToken(wrong).then((borrowed) => borrowed ?? openTokenForm(wrong)).then((entered) => {
    asking = null;
    const late = refused && entered !== null;
    refused = entered === null;
    showButton();
    // Views that failed without a token can load now.
    if (late) notifyListeners({});
    return entered;
  });
  return asking;
}

function borrowToken(wrong) {
  channel.postMessage({ wanted: true });
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), PATIENCE);
    showEntered = (entered) => {
      if (entered === wrong) return;
      clearTimeout(timer);
      resolve(entered);
    };
  });
}

async function changeToken() {
  const before = token();
  await openTokenForm(before, { isChange: true });
  if (token() !== before) notifyListeners({});
}

function openTokenForm(wrong, { isChange = false } = {}) {
  const why = isChange ? "Requests use this token from now on."
    : wrong === null ? "This server needs a token. Create one with “skillmeat token create”."
      : "The server did not accept this token. Enter another.";
  const said = h("p", { class: "said", role: "alert" });
  const input = h("input", {
    id: "token", type: "password", autocomplete: "off", autofocus: true,
    "aria-describedby": "token-why", "aria-label": "Token",
  });
  return new Promise((resolve) => {
    let entered = null;
    const dialog = openDialog(isChange ? "Change the token" : "Token needed", (close) => {
      const enter = (text) => {
        entered = text;
        store(text);
        channel.postMessage({ is: text });
        close();
      };
      const form = h("form", { novalidate: true },
        h("p", { id: "token-why" }, why), input, said,
        h("p", { class: "note" }, "All tabs of this browser use the token, until you close the last one."),
        h("div", { class: "choices" },
          wrong !== null && h("button", { type: "button", class: "quiet", click: () => enter(null) }, "Forget"),
          h("button", { type: "button", class: "quiet", click: close }, "Cancel"),
          h("button", { type: "submit", class: "main" }, "Continue")));
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const text = input.value.trim();
        if (POSSIBLE.test(text)) enter(text);
        else {
          said.textContent = text === "" ? "Enter a token."
            : "This is no token: a token has only letters, digits and punctuation of ASCII.";
          input.focus();
        }
      });
      showEntered = (text) => {
        entered = text;
        close();
      };
      return [form];
    });
    dialog.addEventListener("close", () => {
      showEntered = () => {};
      resolve(entered);
    });
  });
}
