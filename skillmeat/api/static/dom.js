/** Elements made from names and texts. A text is never read as markup. */

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

export const number = new Intl.NumberFormat("en").format;

export const counted = (count, one, many) => `${number(count)} ${count === 1 ? one : many}`;

/** A name in a sentence: whatever it holds, the words around it keep their direction. */
export const quoted = (name) => `“\u2068${name}\u2069”`;

/** Focus the element, or what was made in its place, or what `otherwise` gives, or the title. */
export function refocus(element, otherwise = () => null) {
  (present(element) ?? otherwise() ?? byId("title")).focus();
}

function present(element) {
  if (element === null || element === document.body) return null;
  if (element.isConnected) return element;
  const key = element.dataset.focus;
  return key === undefined ? null : document.querySelector(`[data-focus="${CSS.escape(key)}"]`);
}

/** Make the content of an element anew and leave focus where it was, or see `refocus`. */
export function remade(container, children, otherwise = () => () => null) {
  const focused = container.contains(document.activeElement) ? document.activeElement : null;
  const instead = focused && otherwise(focused);
  container.replaceChildren(...children);
  if (focused !== null) refocus(focused, instead);
}

/** Call with a function that gets an AbortSignal: starting anew drops what was under way. */
export function latest() {
  let current = null;
  return (work) => {
    current?.abort();
    current = new AbortController();
    return work(current.signal);
  };
}

/** The function, called once nobody has called for so many milliseconds. */
export function settled(act, milliseconds) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...values), milliseconds);
  };
}
