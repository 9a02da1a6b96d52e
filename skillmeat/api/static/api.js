/** Requests: each with the token, tried again while the server cannot answer. */

import { askForToken, token } from "./token.js";
import { answered, waiting } from "./retry.js";

const PREFIX = "/api/v1";
const CANNOT_ANSWER = [429, 502, 503, 504];
const SECONDS = [1, 2, 4, 8];
let moment = 0;

/** What the server said no to; the message is for people. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** A path whose ids may hold anything. */
export const path = (texts, ...ids) => String.raw({ raw: texts }, ...ids.map(encodeURIComponent));

/** `{data, asOf}`; what was read is as of the moment before it was asked for. */
export async function read(where, { query = {}, signal } = {}) {
  const given = Object.entries(query).filter(([, value]) => (value ?? "") !== "");
  const search = new URLSearchParams(given);
  return send("GET", search.size ? `${where}?${search}` : where, { signal });
}

/** `{data, asOf}`; what a write answers is as of the moment it is answered. */
export async function write(method, where, body) {
  return { ...(await send(method, where, { body })), asOf: (moment += 1) };
}

async function send(method, where, { body, signal }) {
  for (let attempt = 0; ; attempt += 1) {
    const asOf = (moment += 1);
    const sent = token();
    const response = await fetch(PREFIX + where, { method, signal, ...carried(body, sent) }).catch(
      (error) => {
        if (error.name === "AbortError") throw error;
        return null;
      },
    );
    if (response !== null && response.status === 401) {
      if (token() === sent && (await askForToken(sent)) === null) {
        throw new Refusal(401, "This server asks for a token.");
      }
    } else if (response === null || CANNOT_ANSWER.includes(response.status)) {
      // A second attempt to create could meet the first one's success.
      if (method === "POST" && body.artifact_ids === undefined) {
        throw new Refusal(503, "The server did not answer. Look whether it is there, then try again.");
      }
      await waiting(response, seconds(response, attempt), signal);
    } else {
      answered();
      if (response.ok) return { data: await content(response), asOf };
      if (method === "DELETE" && response.status === 404 && attempt > 0) return { data: null, asOf };
      throw new Refusal(response.status, await reason(response));
    }
  }
}

function carried(body, sent) {
  const headers = { Accept: "application/json" };
  if (sent !== null) headers.Authorization = `Bearer ${sent}`;
  if (body === undefined) return { headers };
  headers["Content-Type"] = "application/json";
  return { headers, body: JSON.stringify(body) };
}

function seconds(response, attempt) {
  const asked = Number(response?.headers.get("Retry-After"));
  return asked > 0 ? Math.min(asked, 30) : SECONDS[Math.min(attempt, SECONDS.length - 1)];
}

const content = (response) => (response.status === 204 ? null : response.json());

async function reason(response) {
  const { detail } = await response.json().catch(() => ({ detail: null }));
  if (typeof detail === "string") return detail;
  if (Array.isArray(detail)) return detail.map((each) => `${each.loc?.at(-1)}: ${each.msg}`).join("; ");
  return `The server answered ${response.status}.`;
}
