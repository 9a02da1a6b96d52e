/** API requests with the token, retried while the server cannot answer. */

import { notifyListeners } from "./events.js";
import { askForToken, token } from "./token.js";
import { hideRetryNotice, waitToRetry } from "./retry.js";

const PREFIX = "/api/v1";
const CANNOT_ANSWER = [429, 502, 503, 504];
const RETRY_SECONDS = [1, 2, 4, 8];
let moment = 0;

/** An error response; the user sees its message. */
class ApiError extends Error {
  constructor(status, message, current = null) {
    super(message);
    this.status = status;
    /** The row as it is now, if another client has edited it since `ifUpdatedAt` (412). */
    this.current = current;
  }
}

/** Build a path and encode its ids, which may contain any character. */
export const path = (texts, ...ids) => String.raw({ raw: texts }, ...ids.map(encodeURIComponent));

/**
 * Read `{data, asOf}`: the data is at least as new as `asOf`, the moment before the request.
 * A list in the query repeats its parameter.
 */
export async function read(where, { query = {}, signal } = {}) {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const each of [value].flat()) if ((each ?? "") !== "") search.append(key, each);
  }
  return send("GET", search.size ? `${where}?${search}` : where, { signal });
}

/**
 * Write and return `{data, asOf}`: `asOf` is the moment of the response. With `ifUpdatedAt`, write
 * only if the row's `updated_at` is still this one.
 */
export async function write(method, where, body, { ifUpdatedAt } = {}) {
  return { ...(await send(method, where, { body, ifUpdatedAt })), asOf: (moment += 1) };
}

async function send(method, where, { body, ifUpdatedAt, signal }) {
  for (let attempt = 0; ; attempt += 1) {
    const asOf = (moment += 1);
    const sent = token();
    const response = await fetch(PREFIX + where, { method, signal, ...buildRequest(body, sent, ifUpdatedAt) }).catch(
      (error) => {
        if (error.name === "AbortError") throw error;
        return null;
      },
    );
    if (response === null || CANNOT_ANSWER.includes(response.status)) {
      // If the first attempt has succeeded, a second creation would conflict with it.
      if (method === "POST" && body !== undefined && body.artifact_ids === undefined) {
        throw new ApiError(503, "The server did not answer. Check whether it was created, then try again.");
      }
      await waitToRetry(response, getRetryDelay(response, attempt), signal);
      continue;
    }
    hideRetryNotice();
    if (response.status === 401) {
      if (token() === sent && (await askForToken(sent)) === null) {
        throw new ApiError(401, "This server needs a token.");
      }
      continue;
    }
    if (response.ok) return { data: await readBody(response), asOf };
    if (method === "DELETE" && response.status === 404 && attempt > 0) return { data: null, asOf };
    // The token was replaced by one that may only read, or the server became a standby.
    if (response.status === 403 && method !== "GET") notifyListeners({});
    throw await readError(response);
  }
}

function buildRequest(body, sent, ifUpdatedAt) {
  const headers = { Accept: "application/json" };
  if (sent !== null) headers.Authorization = `Bearer ${sent}`;
  if (ifUpdatedAt !== undefined) headers["If-Match"] = `"${ifUpdatedAt}"`;
  if (body === undefined) return { headers };
  headers["Content-Type"] = "application/json";
  return { headers, body: JSON.stringify(body) };
}

function getRetryDelay(response, attempt) {
  const asked = Number(response?.headers.get("Retry-After"));
  return asked > 0 ? Math.min(asked, 30) : RETRY_SECONDS[Math.min(attempt, RETRY_SECONDS.length - 1)];
}

const readBody = (response) => (response.status === 204 ? null : response.json());

async function readError(response) {
  const { detail, current } = await response.json().catch(() => ({}));
  const message = Array.isArray(detail) ? detail.map(({ msg }) => msg).join("; ") : detail;
  return new ApiError(response.status, message ?? `The server answered ${response.status}.`, current);
}
