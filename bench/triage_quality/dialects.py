"""How calls are written: eight dialects that real systems have."""

import csv
import gzip
import io
import json
import os
from datetime import datetime, timezone

ALL = {"route", "method", "tenant", "role", "api_key", "region", "zone", "host", "client_version", "release", "upstream"}
#  name → file, attributes that it carries
DIALECTS = {
    "plain": ("calls.ndjson.gz", ALL),
    "otel": ("calls.ndjson.gz", ALL),
    "logfmt": ("calls.log.gz", ALL),
    "nginx": ("calls.ndjson.gz", ALL),
    "envoy": ("calls.ndjson.gz", ALL),
    "csv": ("calls.csv.gz", ALL),
    "otlp": ("calls.ndjson.gz", ALL),
    "combined": ("calls.log.gz", {"route", "method", "client_version"}),
}


def carries(dialect, attributes):
    return attributes <= DIALECTS[dialect][1]


def worded(dialect):
    """Whether it says more of a failure than its status."""
    return dialect != "combined"


def write(folder, dialect, calls, w, rng):
    name, _ = DIALECTS[dialect]
    with open(os.path.join(folder, name), "wb") as out, gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="") as packed:
        packed.write(FORMS[dialect](calls, w).encode())


def level(call):
    return "error" if call["status"] >= 500 or call["error_code"] and call["status"] < 400 else "warn" if call["status"] >= 400 else "info"


def lines(of):
    return lambda calls, w: "".join(of(call, w) + "\n" for call in calls)


def plain(call, w):
    fields = {"ts": w.moment(call["time"]), "level": level(call), "method": call["method"], "path": call["path"], "status": call["status"], "latency_ms": round(call["latency"], 1)}
    fields |= {name: call[name] for name in ("tenant", "role", "api_key", "region", "zone", "client_version", "release", "host", "user", "upstream", "request_id", "attempt")}
    if call["error_code"]:
        fields["error_code"] = call["error_code"]
    if call["message"]:
        fields["message"] = call["message"]
    return json.dumps(fields)


def attributes(call):
    return {
        "http.request.method": call["method"], "url.path": call["path"], "http.route": call["route"], "http.response.status_code": call["status"],
        "http.server.request.duration": round(call["latency"] / 1000, 4), "error.type": call["error_code"], "tenant.id": call["tenant"], "user.roles": call["role"],
        "api_key.id": call["api_key"], "user_agent.original": call["client_version"], "peer.service": call["upstream"], "http.request.resend_count": call["attempt"] - 1,
    }


def resource(call):
    return {"service.name": "api", "service.version": call["release"], "cloud.region": call["region"], "cloud.availability_zone": call["zone"], "host.name": call["host"]}


def otel(call, w):
    return json.dumps({"timestamp": w.moment(call["time"]), "severity_text": level(call).upper(), "body": call["message"] or "request completed", "trace_id": call["request_id"].rjust(32, "0"), "attributes": attributes(call), "resource": resource(call)})


def otlp(call, w):
    value = lambda v: {"intValue": str(v)} if isinstance(v, int) else {"doubleValue": v} if isinstance(v, float) else {"stringValue": v}
    pairs = lambda of: [{"key": k, "value": value(v)} for k, v in of.items() if v != ""]
    record = {"timeUnixNano": str(round(call["time"] * 1000) * 1_000_000), "severityText": level(call).upper(), "body": {"stringValue": call["message"] or "request completed"}, "attributes": pairs(attributes(call)), "traceId": call["request_id"].rjust(32, "0")}
    return json.dumps({"resourceLogs": [{"resource": {"attributes": pairs(resource(call))}, "scopeLogs": [{"scope": {}, "logRecords": [record]}]}]})


def logfmt(call, w):
    quote = lambda v: json.dumps(str(v)) if v == "" or " " in str(v) else str(v)
    fields = {"time": w.moment(call["time"]), "lvl": level(call), "method": call["method"], "path": call["path"], "status": call["status"], "duration": f"{call['latency']:.1f}ms"}
    fields |= {name: call[name] for name in ("tenant", "role", "api_key", "region", "zone", "client_version", "release", "host", "upstream", "request_id", "attempt")}
    fields |= {"err": call["error_code"], "msg": call["message"]}
    return " ".join(f"{name}={quote(value)}" for name, value in fields.items())


def nginx(call, w):
    seconds = f"{call['latency'] / 1000:.3f}"
    return json.dumps({
        "time_iso8601": w.moment(call["time"]), "remote_addr": call["client_ip"], "request_method": call["method"], "request_uri": call["path"], "status": str(call["status"]),
        "request_time": seconds, "upstream_addr": call["upstream"], "upstream_status": str(call["status"]), "upstream_response_time": seconds, "http_user_agent": call["client_version"],
        "http_x_tenant": call["tenant"], "http_x_api_key_id": call["api_key"], "http_x_role": call["role"], "region": call["region"], "zone": call["zone"], "release": call["release"],
        "request_id": call["request_id"], "hostname": call["host"], "upstream_http_x_error_code": call["error_code"], "error": call["message"],
    })


def envoy(call, w):
    message = call["message"]
    flags = "UT" if "timed out" in message and call["status"] == 504 else "UF" if call["status"] in (502, 503) and ("connect" in message or "TLS" in message) else "UH" if "no healthy" in message else "-"
    return json.dumps({
        "start_time": w.moment(call["time"]), "method": call["method"], "path": call["path"], "protocol": "HTTP/2", "response_code": call["status"], "response_flags": flags,
        "response_code_details": "via_upstream" if flags == "-" else message, "duration": round(call["latency"]), "upstream_cluster": call["upstream"], "user_agent": call["client_version"],
        "x_tenant": call["tenant"], "x_role": call["role"], "x_api_key_id": call["api_key"], "region": call["region"], "zone": call["zone"], "x_release": call["release"],
        "request_id": call["request_id"], "pod": call["host"], "x_envoy_attempt_count": call["attempt"], "error_code": call["error_code"], "error_message": message,
    })


def combined(call, w):
    time = datetime.fromtimestamp(call["time"], timezone.utc).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{call["client_ip"]} - {call["user"]} [{time}] "{call["method"]} {call["path"]} HTTP/1.1" {call["status"]} {200 + len(call["path"]) * 31} "-" "{call["client_version"]}"'


def table(calls, w):
    names = ["time", "method", "path", "status", "latency_ms", "tenant", "role", "api_key", "region", "zone", "host", "client_version", "release", "upstream", "request_id", "attempt", "error_code", "message"]
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(names)
    for call in calls:
        rows.writerow([w.moment(call["time"]), call["method"], call["path"], call["status"], round(call["latency"], 1)] + [call[n] for n in names[5:]])
    return out.getvalue()


FORMS = {"plain": lines(plain), "otel": lines(otel), "logfmt": lines(logfmt), "nginx": lines(nginx), "envoy": lines(envoy), "otlp": lines(otlp), "combined": lines(combined), "csv": table}
