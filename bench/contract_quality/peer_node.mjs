// Calls per second of the npm package openapi-backend (its router, and Ajv for requests and answers), in steady state.
//     peer_node.mjs DESCRIPTION CALLS SECONDS      prints one JSON object
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { performance } from "node:perf_hooks";

const require = createRequire(process.env.PEERS + "/");
const { OpenAPIBackend } = require("openapi-backend");
const formats = require("ajv-formats").default ?? require("ajv-formats");
const [description, calls, seconds] = process.argv.slice(2);
const definition = JSON.parse(readFileSync(description, "utf8"));
const lines = readFileSync(calls, "utf8").trim().split("\n").map((line) => JSON.parse(line));

const started = performance.now();
const api = new OpenAPIBackend({
  definition,
  quick: true,
  validate: true,
  ajvOpts: { strict: false, validateFormats: true, logger: false },
  customizeAjv: (ajv) => { formats(ajv); return ajv; },
});
await api.init();
const loaded = (performance.now() - started) / 1000;

const lower = (headers) => Object.fromEntries(Object.entries(headers ?? {}).map(([k, v]) => [k.toLowerCase(), v]));
const servers = (definition.servers ?? [{ url: "/" }]).map((server) => new URL(server.url, "https://api.example.test/").pathname.replace(/\/$/, ""));
const ready = lines.map((line) => {
  const url = new URL(line.url);
  const base = servers.find((s) => s && url.pathname.startsWith(s)) ?? "";
  return { line, request: { method: line.method, path: url.pathname.slice(base.length) || "/", query: url.search.slice(1), body: line.body ?? undefined, headers: lower(line.headers) } };
});

let refused = 0, unable = 0;
const answered = (line) => line.response_body && (line.response_headers["Content-Type"] ?? "").includes("json");
function request(one, operation) {
  return api.validator.validateRequest(one.request, operation).valid;
}
function answer(one, operation) {
  return api.validator.validateResponse(JSON.parse(one.line.response_body), operation, one.line.status).valid;
}
// The first round compiles. What it cannot compile it would try again at every call: such a half is left out, and counted.
for (const one of ready) {
  one.operation = api.router.matchOperation(one.request);
  one.halves = [];
  for (const half of answered(one.line) ? [request, answer] : [request]) {
    try {
      if (!half(one, one.operation)) refused += 1;
      one.halves.push(half);
    } catch { unable += 1; }
  }
}
function rate(operationOf) {
  const begun = performance.now(), used = process.cpuUsage();
  let rounds = 0;
  while (performance.now() - begun < seconds * 1000 || rounds === 0) {
    for (const one of ready) {
      const operation = operationOf(one);
      for (const half of one.halves) half(one, operation);
    }
    rounds += 1;
  }
  // Time of the processor, so that other work on the machine does not count.
  const { user, system } = process.cpuUsage(used);
  return (rounds * ready.length) / ((user + system) / 1e6);
}
console.log(JSON.stringify({
  calls_per_second: rate((one) => api.router.matchOperation(one.request)),
  without_router: rate((one) => one.operation),
  load_seconds: loaded, refused, unable,
}));
