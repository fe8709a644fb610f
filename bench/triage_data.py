"""Makes the logs that bench/triage reads: calls as NDJSON with an incident in them, and a combined access log. Seeded."""

import random
import time

START = 1_795_255_200  # 2026-11-21T10:00:00Z
HOURS = 4
ROUTES = [("GET", "/v1/orders/{id}", 30), ("POST", "/v1/orders", 12), ("GET", "/v1/customers/{id}", 18),
          ("PUT", "/v1/customers/{id}/address", 4), ("POST", "/v1/tickets", 9), ("GET", "/v1/tickets/{id}", 8),
          ("GET", "/v1/search", 10), ("POST", "/v1/payments", 5), ("DELETE", "/v1/sessions/{id}", 3), ("GET", "/health", 1)]
TENANTS = ["acme", "globex", "initech", "umbrella", "hooli", "stark", "wayne", "tyrell", "cyberdyne", "wonka",
           "soylent", "aperture", "monarch", "vandelay", "oscorp", "dunder", "pied", "massive", "gringotts", "zorin"]
REGIONS = ["eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-south-1"]
AGENTS = ["python-requests/2.32.3", "okhttp/4.12.0", "axios/1.7.9", "Go-http-client/2.0", "curl/8.11.0",
          "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"]
BACKGROUND = [(404, "not_found", "no such record"), (400, "validation_failed", "field quantity must be positive"),
              (503, "unavailable", "upstream did not answer in time"), (429, "rate_limited", "too many requests, slow down")]


def calls(count, seed=11):
    """One call after another: time, method, route, path, status, code, message, latency, tenant, region, user, address, agent, host."""
    rng = random.Random(seed)
    chance, pick = rng.random, rng.choices
    weights = [weight for _, _, weight in ROUTES]
    tenant_weights = [1 / (rank + 1) for rank in range(len(TENANTS))]
    bad_from = START + HOURS * 3600 * 0.6
    block = 10_000
    for first in range(0, count, block):
        size = min(block, count - first)
        routes = pick(ROUTES, weights, k=size)
        tenants = pick(TENANTS, tenant_weights, k=size)
        regions = pick(REGIONS, k=size)
        agents = pick(AGENTS, k=size)
        for at in range(size):
            when = START + HOURS * 3600 * (first + at) / count
            method, route, _ = routes[at]
            number = int(chance() * 900_000) + 100_000
            tenant = tenants[at]
            latency = 12 + 40 * chance() ** 3 / (1.001 - chance())
            status, code, message = 200, None, None
            if when > bad_from and tenant == "acme" and route.startswith("/v1/tickets") and chance() < 0.95:
                status, code, message = 401, "invalid_token", f"signature of key k{number % 97} could not be verified"
            elif chance() < 0.006:
                status, code, message = BACKGROUND[number % 4]
            elif method == "POST":
                status = 201
            yield (when, method, route, route.replace("{id}", str(number)), status, code, message, latency, tenant, regions[at],
                   number % 200_000, number, agents[at], number % 12)


def stamp(when):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(when)) + f".{int(when * 1000) % 1000:03d}Z"


def address(user):
    """Everyone comes from one address."""
    return f"10.{user >> 16 & 255}.{user >> 8 & 255}.{user & 255}"


def write_ndjson(file, count):
    """About 370 bytes a line, as gateways write them."""
    rng = random.Random(5)
    with open(file, "w", buffering=1 << 20) as out:
        for call in calls(count):
            when, method, route, path, status, code, message, latency, tenant, region, user, _, agent, host = call
            error = f',"error_code":"{code}","message":"{message}"' if code else ""
            level = "info" if status < 400 else "error"
            out.write(f'{{"timestamp":"{stamp(when)}","level":"{level}","service":"gateway","method":"{method}","path":"{path}",'
                      f'"route":"{route}","status":{status},"duration_ms":{latency:.3f},"tenant":"{tenant}","region":"{region}",'
                      f'"user_id":"u{user}","client_ip":"{address(user)}","host":"gw-{host}",'
                      f'"user_agent":"{agent}","request_id":"{rng.getrandbits(64):016x}"{error}}}\n')


def write_access_log(file, count):
    """The combined form of Apache and nginx."""
    with open(file, "w", buffering=1 << 20) as out:
        for call in calls(count):
            when, method, _, path, status, _, _, latency, tenant, _, user, _, agent, _ = call
            day = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(when))
            out.write(f'{address(user)} - u{user} [{day}] "{method} {path} HTTP/1.1" {status} '
                      f'{int(latency * 37)} "https://{tenant}.example.com/app" "{agent}"\n')
