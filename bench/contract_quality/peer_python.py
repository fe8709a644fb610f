"""Calls per second of the Python package openapi-core, in steady state.

    peer_python.py DESCRIPTION CALLS SECONDS      prints one JSON object"""

import json
import sys
import time
import urllib.parse

from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

description, calls, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
started = time.perf_counter()
with open(description, encoding="utf-8") as file:
    definition = json.load(file)
api = OpenAPI.from_dict(definition, config=Config(spec_validator_cls=None))
loaded = time.perf_counter() - started


def ready(line):
    url = urllib.parse.urlsplit(line["url"])
    headers = dict(line["headers"])
    cookies = dict(pair.split("=", 1) for pair in headers.get("Cookie", "").split("; ") if "=" in pair)
    request = MockRequest(
        f"{url.scheme}://{url.netloc}",
        line["method"].lower(),
        url.path,
        args=dict(urllib.parse.parse_qsl(url.query)),
        headers=headers,
        cookies=cookies,
        data=line["body"].encode() if line["body"] is not None else None,
        content_type=headers.get("Content-Type", ""),
    )
    response = None
    if line["response_body"] is not None:
        answered = line["response_headers"]
        response = MockResponse(line["response_body"].encode(), status_code=line["status"], headers=answered, content_type=answered.get("Content-Type", ""))
    return request, response


with open(calls, encoding="utf-8") as file:
    pairs = [ready(json.loads(line)) for line in file]


def once(request, response):
    refused = 0
    try:
        api.validate_request(request)
    except Exception:
        refused += 1
    if response is not None:
        try:
            api.validate_response(request, response)
        except Exception:
            refused += 1
    return refused


refused = sum(once(*pair) for pair in pairs)
# Time of the processor, so that other work on the machine does not count.
begun, used, done = time.perf_counter(), time.process_time(), 0
while done == 0 or time.perf_counter() - begun < seconds:
    for pair in pairs:
        once(*pair)
        done += 1
        if time.perf_counter() - begun > seconds * 3:
            break
print(json.dumps({"calls_per_second": done / (time.process_time() - used), "load_seconds": loaded, "refused": refused}))
