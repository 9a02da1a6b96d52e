/** Lists whose items the user moves up and down. */

import { h } from "./dom.js";

/**
 * Create a function that shows a list in its new order at once, and saves one order after the other.
 * `reload` shows the list as the server has it, unless another order waits to be saved.
 */
export function createOrder({ show, save, load, fail }) {
  let waiting = 0;
  let last = Promise.resolve();
  const reload = async () => {
    if (waiting > 0) return;
    try {
      const items = await load();
      if (waiting === 0) show(items);
    } catch (error) {
      fail(error);
    }
  };
  const reorder = (items, moved) => {
    waiting += 1;
    show(items);
    last = last.then(() => save(items, moved)).catch(fail).finally(() => {
      waiting -= 1;
      return reload();
    });
  };
  return { reload, reorder };
}

/** Create the buttons of the item at an index; `reorder` gets the list in its new order, and the item. */
export function createMoveButtons(items, at, { key, name }, reorder) {
  return [["Up", -1], ["Down", 1]].map(([label, step]) => {
    const isPossible = at + step >= 0 && at + step < items.length;
    return h("button", {
      type: "button", class: "quiet", "data-focus": `${label} ${key}`, "aria-label": `${label} ${name}`,
      "aria-disabled": String(!isPossible),
      click: () => isPossible && reorder(move(items, at, at + step), items[at]),
    }, label);
  });
}

function move(items, from, to) {
  const moved = [...items];
  moved.splice(to, 0, ...moved.splice(from, 1));
  return moved;
}
