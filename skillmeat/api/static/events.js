/** Change events, which reach every view in every tab. */

const channel = new BroadcastChannel("skillmeat-changes");
const listeners = new Set();
const SECONDS_AWAY = 10;
let left = 0;

/** Listen for changes; return a function that stops it. */
export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Publish a change: `{collection}` if only its members changed, `{deleted}`, a list of ids, or `{}`. */
export function publishChange(what) {
  notifyListeners(what);
  channel.postMessage(what);
}

/** Notify the views of this tab; `quietly` means that no user action caused it. */
export const notifyListeners = (what) => listeners.forEach((listener) => listener(what));

channel.addEventListener("message", ({ data }) => notifyListeners(data));

// Other clients may have changed something while this tab was hidden.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) left = performance.now();
  else if (performance.now() - left > SECONDS_AWAY * 1000) notifyListeners({});
});
