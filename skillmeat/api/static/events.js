/** Tells every view, in every tab, that something in the catalogue changed. */

const channel = new BroadcastChannel("skillmeat-changes");
const listeners = [];
const SECONDS_AWAY = 10;
let left = 0;

export const onChange = (listener) => listeners.push(listener);

/** `{collection}` where only its members changed, `{}` where it may be anything. */
export function changed(what) {
  tell(what);
  channel.postMessage(what);
}

/** Tell this tab's views; `quietly` where nobody here did anything. */
export const tell = (what) => listeners.forEach((listener) => listener(what));

channel.addEventListener("message", ({ data }) => tell(data));

// Who comes back after a while may find what others changed elsewhere.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) left = performance.now();
  else if (performance.now() - left > SECONDS_AWAY * 1000) tell({});
});
