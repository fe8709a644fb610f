"""Reads the calls of a generated hour as dicts of canonical attributes: what the product has to find out, known here.

A second, independent reading, so that a mistake of the product's readers cannot hide behind itself. It knows only the
dialects that generate.py writes (and the shared hours), by the names of their fields.
"""

import csv
import glob
import gzip
import io
import json
import os
import re
import shlex
from datetime import datetime

NAMES = {
    "time": ["ts", "time", "timestamp", "time_iso8601", "start_time", "@timestamp"],
    "status": ["status", "http.response.status_code", "response_code", "http_status"],
    "method": ["method", "http.request.method", "request_method"],
    "path": ["path", "url.path", "request_uri"],
    "route": ["http.route", "route"],
    "upstream": ["upstream", "peer.service", "upstream_addr", "upstream_cluster", "server.address"],
    "tenant": ["tenant", "tenant.id", "http_x_tenant", "x_tenant", "tenant_id"],
    "role": ["role", "user.roles", "http_x_role", "x_role"],
    "api_key": ["api_key", "api_key.id", "http_x_api_key_id", "x_api_key_id"],
    "region": ["region", "cloud.region"],
    "zone": ["zone", "cloud.availability_zone"],
    "host": ["host", "host.name", "hostname", "pod"],
    "client_version": ["client_version", "user_agent.original", "http_user_agent", "user_agent", "agent"],
    "release": ["release", "service.version", "x_release"],
    "flag": ["flag", "feature_flag.key"],
    "client_ip": ["client_ip", "remote_addr", "client.address"],
    "user": ["user", "user.id", "remote_user"],
    "error_code": ["error_code", "error.type", "upstream_http_x_error_code", "err", "code"],
    "message": ["message", "body", "error", "error_message", "msg"],
}
ATTRIBUTE = {name: attribute for attribute, names in NAMES.items() for name in names}
COMBINED = re.compile(
    r'(\S+) \S+ (\S+) \[([^\]]+)\] "(\S+) (\S+) [^"]*" (\d+) \S+ "[^"]*" "([^"]*)"(?: rt=(\S+))?(?: ups="([^"]*)")?(?: host="([^"]*)")?'
)


def milliseconds(text):
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def template(path):
    return re.sub(r"/\d+(?=/|$)", "/{id}", path.split("?")[0])


def canonical(fields):
    call = {}
    for name, value in fields.items():
        attribute = ATTRIBUTE.get(name)
        if attribute and value not in (None, "", "-") and attribute not in call:
            call[attribute] = value
    if "route" not in call and "path" in call:
        call["route"] = template(call["path"])
    if isinstance(call.get("time"), str):
        call["time"] = milliseconds(call["time"])
    call["status"] = int(call.get("status") or 0)
    return call


def otlp(value):
    return next(iter(value.values())) if isinstance(value, dict) else value


def json_line(line):
    value = json.loads(line)
    if "resourceLogs" in value:
        for resource in value["resourceLogs"]:
            base = {a["key"]: otlp(a["value"]) for a in resource["resource"]["attributes"]}
            for scope in resource["scopeLogs"]:
                for record in scope["logRecords"]:
                    fields = dict(base, **{a["key"]: otlp(a["value"]) for a in record["attributes"]})
                    fields["body"] = otlp(record["body"])
                    call = canonical(fields)
                    call["time"] = int(record["timeUnixNano"]) // 1_000_000
                    yield call
        return
    if isinstance(value.get("attributes"), dict):
        value = {**value, **value["attributes"], **value["resource"]}
    yield canonical(value)


def calls(folder):
    """The calls of an hour."""
    path = sorted(glob.glob(os.path.join(folder, "calls*")))[0]
    with (gzip.open(path, "rt") if path.endswith(".gz") else open(path)) as lines:
        text = lines.read()
    if ".csv" in path:
        yield from (canonical(row) for row in csv.DictReader(io.StringIO(text)))
        return
    for line in text.splitlines():
        if line.startswith("{"):
            yield from json_line(line)
        elif match := COMBINED.match(line):
            ip, user, time, method, path, status, agent, _, upstream, host = match.groups()
            call = canonical(dict(remote_addr=ip, user=user, method=method, path=path, status=status, agent=agent, upstream=upstream, host=host))
            call["time"] = round(datetime.strptime(time, "%d/%b/%Y:%H:%M:%S %z").timestamp() * 1000)
            yield call
        elif line:
            yield canonical(dict(part.split("=", 1) for part in shlex.split(line)))
