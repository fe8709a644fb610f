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

let bad = 0, failed = 0;
function once({ line, request }) {
  const operation = api.router.matchOperation(request);
  if (!operation) { failed += 1; return; }
  try {
    if (!api.validator.validateRequest(request, operation).valid) bad += 1;
    if (line.response_body && (line.response_headers["Content-Type"] ?? "").includes("json")) {
      if (!api.validator.validateResponse(JSON.parse(line.response_body), operation, line.status).valid) bad += 1;
    }
  } catch { failed += 1; }
}
for (const one of ready) once(one);
const refused = bad, unable = failed;
const begun = performance.now(), used = process.cpuUsage();
let rounds = 0;
while (performance.now() - begun < seconds * 1000 || rounds === 0) {
  for (const one of ready) once(one);
  rounds += 1;
}
// Time of the processor, so that other work on the machine does not count.
const { user, system } = process.cpuUsage(used);
const rate = (rounds * ready.length) / ((user + system) / 1e6);
console.log(JSON.stringify({ calls_per_second: rate, load_seconds: loaded, refused, unable }));
