/** Functions for the DOM, which never parse text as markup. */

/** Create an element: functions are listeners, other attributes are set as text. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter(Boolean));
  return node;
}

export const byId = (id) => document.getElementById(id);

export const formatNumber = new Intl.NumberFormat("en").format;

export const pluralize = (count, one, many) => `${formatNumber(count)} ${count === 1 ? one : many}`;

const times = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

/** Create the element of a time of the API, which is UTC without an offset, in the user's time zone. */
export function formatTime(text) {
  const time = new Date(`${text}Z`);
  // PostgreSQL has times that JavaScript lacks, such as infinity.
  if (Number.isNaN(time.valueOf())) return text;
  return h("time", { datetime: time.toISOString() }, times.format(time));
}

/** Quote a name, so that a right-to-left name does not reverse the words around it. */
export const quote = (name) => `“\u2068${name}\u2069”`;

/** Focus the first that exists: the element, its replacement, `otherwise()`, the title. */
export function restoreFocus(element, otherwise = () => null) {
  (present(element) ?? otherwise() ?? byId("title")).focus();
}

function present(element) {
  if (element === null || element === document.body) return null;
  if (element.isConnected) return element;
  const key = element.dataset.focus;
  return key === undefined ? null : document.querySelector(`[data-focus="${CSS.escape(key)}"]`);
}

/** Replace the children of an element and restore the focus, as `restoreFocus` does. */
export function replaceKeepingFocus(container, children, otherwise = () => () => null) {
  const focused = container.contains(document.activeElement) ? document.activeElement : null;
  const instead = focused && otherwise(focused);
  container.replaceChildren(...children);
  if (focused !== null) restoreFocus(focused, instead);
}

/** Create a function that runs work with an AbortSignal and aborts its previous work. */
export function createRunner() {
  let current = null;
  return (work) => {
    current?.abort();
    current = new AbortController();
    return work(current.signal);
  };
}

/**
 * Call `act` once the user pauses after typing into a field, and before each click, which may lead to
 * a view without what was typed. It must do nothing if it has been called for this text.
 */
export function onTyping(field, act, milliseconds) {
  field.addEventListener("input", debounce(act, milliseconds));
  document.addEventListener("click", () => act(), { capture: true });
}

/** Debounce a function: call it once no call has come for this many milliseconds. */
export function debounce(act, milliseconds) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...values), milliseconds);
  };
}
