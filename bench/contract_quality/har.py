"""Calls as an HTTP archive (HAR 1.2)."""


def archive(lines):
    return {"log": {"version": "1.2", "creator": {"name": "bench", "version": "1"}, "entries": [entry(line) for line in lines]}}


def pairs(headers):
    return [{"name": name, "value": value} for name, value in headers.items()]


def entry(line):
    request = {
        "method": line["method"],
        "url": line["url"],
        "httpVersion": "HTTP/1.1",
        "headers": pairs(line["headers"]),
        "queryString": [],
        "cookies": [],
        "headersSize": -1,
        "bodySize": len(line["body"] or ""),
    }
    if line["body"] is not None:
        request["postData"] = {"mimeType": line["headers"].get("Content-Type", ""), "text": line["body"]}
    answered = line["response_headers"] or {}
    body = line["response_body"]
    response = {
        "status": line["status"] or 0,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "headers": pairs(answered),
        "cookies": [],
        "content": {"size": len(body or ""), "mimeType": answered.get("Content-Type", ""), **({"text": body} if body is not None else {})},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": len(body or ""),
    }
    return {"startedDateTime": "2026-01-01T00:00:00.000Z", "time": 5, "request": request, "response": response, "cache": {}, "timings": {"send": 1, "wait": 3, "receive": 1}}
