"""A world of services, callers and traffic, other for each seed."""

import math
from datetime import datetime, timedelta, timezone

UPSTREAMS = ["crm", "orders-db", "search", "payments", "identity", "profile-db", "alerts", "inventory", "mail-relay", "pricing"]
ROUTES = [
    ("GET", "/v1/customers/{id}"), ("POST", "/v1/customers"), ("GET", "/v1/orders/{id}"), ("POST", "/v1/orders"),
    ("GET", "/v1/search"), ("POST", "/v1/login"), ("POST", "/v1/checkout"), ("PUT", "/v1/profile/{id}"), ("GET", "/v1/tickets/{id}"),
    ("POST", "/v1/tickets"), ("GET", "/v1/alerts"), ("POST", "/v1/alerts"), ("DELETE", "/v1/sessions/{id}"), ("GET", "/v1/products/{id}"),
    ("PATCH", "/v1/cart/{id}"), ("GET", "/v1/prices"), ("POST", "/v1/messages"), ("GET", "/v1/reports/{id}"), ("POST", "/v1/uploads"),
]
TENANTS = ["acme", "globex", "initech", "umbrella", "hooli", "stark", "wayne", "wonka", "soylent", "cyberdyne", "aperture", "massive", "dunder", "oscorp", "tyrell", "vandelay"]
REGIONS = ["us-east-1", "eu-west-1", "ap-south-1", "us-west-2", "eu-central-1"]
CLIENTS = ["web/8.13.2", "web/8.14.0", "android/5.1.9", "android/5.2.0", "ios/5.2.0", "sdk-py/2.7.1", "sdk-go/1.4.0", "soar/4.0", "cli/0.9.3"]
NOISE = [
    (404, "NOT_FOUND", "customer not found"), (404, "NO_ROUTE", "no such resource"), (401, "expired_token", "token expired"),
    (401, "missing_token", "no bearer token"), (422, "VALIDATION_FAILED", "email is invalid"), (500, "INTERNAL", "unexpected error"),
    (409, "CONFLICT", "version conflict: expected 3, got 2"), (403, "FORBIDDEN", "not the owner of this object"), (400, "BAD_REQUEST", "limit must be a number"),
    (502, "", "upstream prematurely closed connection"), (429, "RATE_LIMITED", "too many requests"),
]
METHOD_STATUS = {"POST": 201, "DELETE": 204}


class Story:
    """What goes wrong: all fields that truth.json needs, and `touch`, which changes calls."""

    def __init__(self, onset=None, end=None, change=None, changes=(), isolates=(), bucket=None, layer=None, lead=None, retries=None, touch=None, traffic=None, extra=None, unfit=()):
        self.onset, self.end, self.change, self.changes = onset, end, change, list(changes)
        self.isolates, self.bucket, self.layer, self.lead = list(isolates), bucket, layer, lead
        self.retries, self.touch, self.traffic, self.extra, self.unfit = retries, touch, traffic, extra, set(unfit)


class World:
    def __init__(self, rng, duration):
        self.rng, self.duration = rng, duration
        day = datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(days=rng.randrange(900), seconds=rng.randrange(86_400))
        self.start = day.timestamp()
        pick = lambda of, low, high: rng.sample(of, rng.randint(low, min(high, len(of))))
        self.tenants = self.skewed(pick(TENANTS, 6, 16))
        self.regions = self.skewed(pick(REGIONS, 2, 4))
        self.clients = self.skewed(pick(CLIENTS, 4, 8))
        self.routes = self.skewed(pick(ROUTES, 7, 16))
        self.upstreams = {route: rng.choice(UPSTREAMS) for route in self.routes[0]}
        self.hosts = [f"api-{n}" for n in range(1, rng.randint(3, 9))]
        self.zones = {host: f"zone-{'abc'[n % 3]}" for n, host in enumerate(self.hosts)}
        self.roles = self.skewed(pick(["agent", "service", "admin", "viewer", "manager"], 3, 5))
        self.release = f"2026.{rng.randint(2, 50)}.{rng.randint(0, 9)}"
        self.users = rng.choice([300, 2_000, 5_000])
        self.rate = 22_000 / duration * rng.choice([0.15, 0.5, 1, 1, 1, 1.6])
        self.slow = {route: rng.uniform(20, 120) for route in self.routes[0]}
        share = 10 ** rng.uniform(-3, math.log10(0.05))
        parts = [rng.random() for _ in NOISE]
        chosen = rng.sample(range(len(NOISE)), rng.randint(3, 7))
        total = sum(parts[i] for i in chosen)
        self.noise = [(NOISE[i], share * parts[i] / total) for i in chosen]
        # One of the noise errors may belong to one tenant: it is that tenant's own background.
        self.noisy_tenant = rng.choice(self.tenants[0]) if rng.random() < 0.3 else None
        self.wave = (rng.uniform(0, 0.25), rng.uniform(0, 6.28), rng.uniform(600, 4000))

    def skewed(self, values):
        return values, [1 / (n + 1) ** 0.8 for n in range(len(values))]

    def choose(self, of):
        return self.rng.choices(*of)[0]

    def moment(self, seconds):
        text = datetime.fromtimestamp(round(seconds, 3), timezone.utc).isoformat(timespec="milliseconds")
        return text.replace("+00:00", "Z")

    def instant(self, low=0.35, high=0.75):
        """A time in the middle of what is written."""
        return self.start + self.duration * self.rng.uniform(low, high)

    def common(self, of, most=None):
        """A value with enough traffic to show an incident."""
        values = of[0] if isinstance(of, tuple) else of
        return self.rng.choice(values[: most or max(2, len(values) * 2 // 3)])

    def call(self, time):
        rng = self.rng
        method, route = self.choose(self.routes)
        tenant = self.choose(self.tenants)
        host = rng.choice(self.hosts)
        call = {
            "time": time, "method": method, "route": route, "path": route.replace("{id}", str(rng.randrange(1, 99_999))),
            "status": METHOD_STATUS.get(method, 200), "latency": self.slow[(method, route)] * math.exp(rng.gauss(0, 0.6)),
            "upstream": self.upstreams[(method, route)], "tenant": tenant, "role": self.choose(self.roles),
            "api_key": f"key_{tenant[:3]}_{min(rng.randrange(3), rng.randrange(3))}", "region": self.choose(self.regions), "host": host, "zone": self.zones[host],
            "client_version": self.choose(self.clients), "release": self.release, "user": f"u{rng.randrange(self.users)}",
            "client_ip": f"10.{rng.randrange(4)}.{rng.randrange(256)}.7", "request_id": f"{rng.getrandbits(48):012x}", "attempt": 1,
            "error_code": "", "message": "",
        }
        draw = rng.random()
        for (status, code, message), share in self.noise:
            if draw < share:
                self.fail(call, status, code, message)
                break
            draw -= share
        if self.noisy_tenant == tenant and rng.random() < 0.15:
            self.fail(call, 404, "NOT_FOUND", "customer not found")
        return call

    @staticmethod
    def fail(call, status, code, message, latency=None):
        call.update(status=status, error_code=code, message=message)
        if latency is not None:
            call["latency"] = latency

    def calls(self, story):
        rng = self.rng
        out, time = [], self.start
        high, phase, period = self.wave
        peak = self.rate * (1 + high) * (story.traffic and max(story.traffic(self.start + self.duration * s / 200) for s in range(201)) or 1)
        while True:
            time += rng.expovariate(peak)
            if time >= self.start + self.duration:
                break
            now = self.rate * (1 + high * math.sin(phase + time / period)) * (story.traffic(time) if story.traffic else 1)
            if rng.random() > now / peak:
                continue
            call = self.call(time)
            made = [call]
            if story.touch:
                made = story.touch(call) or [call]
            if story.retries:
                made = self.repeat(call, story.retries)
            out += made
        if story.extra:
            out += story.extra()
        out.sort(key=lambda call: call["time"])
        return [call for call in out if call["time"] < self.start + self.duration]

    def repeat(self, call, policy):
        """A failing call of the incident is sent again: `policy` is (times, pause, growth, chance of success)."""
        if not call.get("incident"):
            return [call]
        times, pause, growth, success = policy
        made, last = [call], call
        for attempt in range(2, times + 2):
            last = dict(last, time=last["time"] + last["latency"] / 1000 + pause * growth ** (attempt - 2) * self.rng.uniform(0.8, 1.2), attempt=attempt)
            last["retry_of"] = call["request_id"]
            last["request_id"] = f"{self.rng.getrandbits(48):012x}"
            if self.rng.random() < success:
                last.update(status=200, error_code="", message="", incident=False)
                made.append(last)
                break
            made.append(last)
        return made

    @staticmethod
    def amplification(calls):
        """Calls per intended call among those that met the incident."""
        met = {call["request_id"] for call in calls if call.get("incident") and "retry_of" not in call}
        return sum(call["request_id"] in met or call.get("retry_of") in met for call in calls) / max(1, len(met))
