/** The footer with the health of the server, polled while the page is visible and at each failure. */

import { getService } from "./access.js";
import { byId, pluralize, h } from "./dom.js";

const WHILE_READY = 60_000;
const ELSE = 10_000;

export async function startHealth() {
  for (let pause = ELSE; ;) {
    if (!document.hidden) {
      const health = await fetchHealth();
      show(health);
      pause = health.status === "ready" ? WHILE_READY : ELSE;
    }
    await waitForChange(pause);
  }
}

/** Wait this many milliseconds, or until the page is shown or something is known about the server. */
async function waitForChange(pause) {
  const waiting = new AbortController();
  const { signal } = waiting;
  await new Promise((wake) => {
    setTimeout(wake, pause);
    document.addEventListener("visibilitychange", wake, { signal });
    for (const id of ["service", "retry-notice"]) byId(id).addEventListener("change", wake, { signal });
  });
  waiting.abort();
}

async function fetchHealth() {
  try {
    const response = await fetch("/readyz", { headers: { Accept: "application/json" } });
    const health = await response.json();
    // Of many catalogues the user sees only the one that the token opens.
    return health.services ? (health.services[getService()] ?? { status: "token needed" }) : health;
  } catch {
    return { status: "no answer", problems: [] };
  }
}

const LABELS = { ready: "Healthy", "not ready": "Not ready", "no answer": "The server does not answer",
  "token needed": "A token is needed" };

function show(health) {
  const footer = byId("health");
  footer.dataset.status = health.status;
  const word = footer.querySelector("strong");
  const text = LABELS[health.status] ?? "Unknown";
  if (word.textContent !== text) word.textContent = text;
  footer.querySelector("ul").replaceChildren(...listFacts(health).map((fact) => h("li", {}, fact)));
}

function listFacts({ status, pending_changes: changes, pending_counts: counts, snapshot_age: age,
  revision, problems = [] }) {
  if (status !== "ready") return problems;
  return [
    "no drift",
    `${pluralize(changes, "change", "changes")} pending`,
    `${pluralize(counts, "count", "counts")} pending`,
    age === null ? "no snapshot yet" : `snapshot ${ago(age)} old`,
    revision,
  ];
}

function ago(seconds) {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}
