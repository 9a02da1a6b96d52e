/** Modal dialogs: created when they open, removed when they close. */

import { h, restoreFocus } from "./dom.js";

let made = 0;

/** Open a dialog; `content` gets a function that closes it. Closing restores the focus. */
export function openDialog(title, content, attributes = {}) {
  made += 1;
  const before = document.activeElement;
  const heading = h("h2", { id: `dialog-${made}`, title }, title);
  const dialog = h("dialog", { "aria-labelledby": heading.id, ...attributes }, heading);
  dialog.append(...content(() => dialog.close()));
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (document.activeElement === document.body) restoreFocus(before);
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Open a form in a dialog, which closes when `act` succeeds and else shows its error: the message, or
 * what `explain` makes of the error.
 */
export function openForm(title, fields, { button, danger = false, act, explain = () => null }) {
  const said = h("div", { class: "said", role: "alert" });
  openDialog(title, (close) => {
    const submit = h("button", { type: "submit", class: danger ? "danger" : "main" }, button);
    const form = h("form", { novalidate: true }, fields, said,
      h("div", { class: "choices" },
        h("button", { type: "button", class: "quiet", autofocus: danger, click: close }, "Cancel"),
        submit));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (submit.getAttribute("aria-disabled")) return;
      submit.setAttribute("aria-disabled", "true");
      said.textContent = "";
      try {
        const then = await act(form);
        close();
        then?.();
      } catch (error) {
        said.replaceChildren(...[explain(error, form) ?? error.message].flat().filter(Boolean));
      } finally {
        submit.removeAttribute("aria-disabled");
      }
    });
    return [form];
  });
}
