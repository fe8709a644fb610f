"""What goes wrong, kind by kind, with its truth. A quiet kind has no onset."""

import math

from world import Story

LONG = {"night_rhythm": 10 * 3600, "batch_background": 3 * 3600, "low_traffic_quiet": 6 * 3600, "quota_exhausted": 2 * 3600}


def span(kind, rng):
    return LONG.get(kind) or rng.uniform(2700, 5400)


def fails(rng, call, chance, *what, **more):
    if rng.random() < chance:
        call["incident"] = True
        latency = more.get("latency") or rng.uniform(1, 9) * 10
        World_fail(call, *what, latency=latency)


def World_fail(call, status, code, message, latency):
    call.update(status=status, error_code=code, message=message, latency=latency)


def change(w, rng, onset, kind, service, what, **scope):
    at = onset - rng.choice([rng.uniform(3, 60), rng.uniform(30, 180)])
    return {"id": f"{kind}-{rng.randrange(16**5):05x}", "kind": kind, "at": w.moment(at), "service": service, "what": what, **scope}


def fits(call, where):
    return all(call[name] == value for name, value in where.items())


def simple(w, rng, where, chance, what, bucket, layer, change=None, latency=None, end=None, onset=None, more=(), **rest):
    """Calls of a place fail with a chance from an onset on."""
    onset = onset or w.instant()

    def touch(call):
        if call["time"] >= onset and (end is None or call["time"] < end) and fits(call, where):
            fails(rng, call, chance, *(rng.choice(what) if isinstance(what, list) else what), latency=latency and latency * rng.uniform(0.97, 1.03))

    return Story(onset, end, change and change["id"], [change] if change else [], [[where, *more]], bucket, layer, touch=touch, **rest)


def route_of(w, most=None):
    method, route = w.common(w.routes, most)
    where = {"route": route, "method": method}
    # Where a route has one method, the route alone says the same.
    alone = sum(r == route for _, r in w.routes[0]) == 1
    return where, [{"route": route}] if alone else []


def bad_release(w, rng):
    onset = w.instant()
    where, more = route_of(w)
    release = f"2026.{rng.randint(51, 60)}.0"
    it = change(w, rng, onset, "deploy", "api", f"api {release}", release=release)
    what = rng.choice([(500, "INTERNAL", "NullReferenceException: customer.address"), (500, "INTERNAL", "TypeError: Cannot read properties of undefined (reading 'id')"), (500, "INTERNAL", "KeyError: 'currency'")])
    story = simple(w, rng, where, rng.choice([0.15, 0.5, 0.9, 1]), what, "server", "backend", it, onset=onset, more=more)
    first = story.touch
    story.isolates[0] += [dict(one, release=release) for one in story.isolates[0]]

    def touch(call):
        if call["time"] >= onset:
            call["release"] = release
        first(call)

    story.touch = touch
    return story


def gradual_rollout(w, rng):
    onset = w.start + w.duration * rng.uniform(0.3, 0.5)
    where, more = route_of(w, 4)
    release = f"2026.{rng.randint(51, 60)}.1"
    it = change(w, rng, onset, "deploy", "api", f"api {release} rollout 1 % to 100 %", release=release)
    grows = w.duration * rng.uniform(0.15, 0.4)
    chance = rng.choice([0.6, 1])

    def touch(call):
        share = min(1, max(0.01, (call["time"] - onset) / grows))
        if call["time"] >= onset and rng.random() < share:
            call["release"] = release
            if fits(call, where):
                fails(rng, call, chance, 500, "INTERNAL", "AttributeError: 'NoneType' object has no attribute 'total'")

    sets = [dict(one, release=release) for one in [where, *more]]
    return Story(onset, None, it["id"], [it], [sets + [where, *more]], "server", "backend", touch=touch)


def key_rotation(w, rng):
    onset = w.instant()
    tenant = w.common(w.tenants)
    it = change(w, rng, onset, "config", "identity", f"rotate signing key for {tenant}", tenant=tenant)
    return simple(w, rng, {"tenant": tenant}, rng.uniform(0.4, 1), (401, "invalid_token", "signature verification failed: unknown kid"), "auth", "auth", it, onset=onset)


def poll_storm(w, rng):
    onset = w.instant()
    tenant = w.common(w.tenants)
    key = f"key_{tenant[:3]}_0"
    it = change(w, rng, onset, "deploy", "sync-job", "poll interval 60s -> 5s", tenant=tenant)
    method, route = w.common(w.routes)
    rate = rng.uniform(0.5, 2)

    def extra():
        out, time = [], onset
        while time < w.start + w.duration:
            time += rng.expovariate(rate)
            call = dict(w.call(time), tenant=tenant, api_key=key, method=method, route=route, path=route.replace("{id}", "7"), upstream=w.upstreams[(method, route)])
            limit(call)
            out.append(call)
        return out

    def limit(call):
        fails(rng, call, 0.75, 429, "RATE_LIMITED", f"rate limit exceeded, retry after {rng.choice([10, 20, 30])} s", latency=2)

    def touch(call):
        if call["time"] >= onset and call["api_key"] == key:
            limit(call)

    return Story(onset, None, it["id"], [it], [[{"api_key": key}, {"tenant": tenant}]], "rate_limit", "gateway", touch=touch, extra=extra)


def by_upstream(w):
    upstream = w.common(sorted(set(w.upstreams.values())), 99)
    routes = [r for r, u in w.upstreams.items() if u == upstream]
    more = []
    if len(routes) == 1:
        (method, route) = routes[0]
        more.append({"route": route, "method": method})
        if sum(r == route for _, r in w.routes[0]) == 1:
            more.append({"route": route})
    return {"upstream": upstream}, more


def slow_dependency(w, rng):
    onset = w.instant(0.45, 0.75)
    where, more = by_upstream(w)
    lead = rng.uniform(100, 420)
    chance, top = rng.uniform(0.3, 0.8), rng.uniform(4, 20)
    limit = rng.choice([5000, 10000, 30000])
    upstream = where["upstream"]

    def touch(call):
        if not fits(call, where):
            return
        if onset - lead <= call["time"]:
            call["latency"] *= 1 + top * min(1, (call["time"] - onset + lead) / lead)
        if call["time"] >= onset:
            fails(rng, call, chance, 504, "UPSTREAM_TIMEOUT", f"upstream {upstream} timed out after {limit} ms", latency=limit * rng.uniform(0.99, 1.01))

    return Story(onset, None, None, [], [[where, *more]], "upstream", "dependency", lead=lead, touch=touch)


def region_network(w, rng):
    region = w.common(w.regions)
    what = (503, "", "upstream connect error or disconnect/reset before headers. reset reason: connection timeout")
    return simple(w, rng, {"region": region}, rng.uniform(0.2, 0.8), what, "upstream", "backend", latency=5000)


def client_release(w, rng):
    onset = w.instant()
    client = w.common(w.clients)
    it = change(w, rng, onset, "deploy", "client", f"release {client}", client_version=client)
    return simple(w, rng, {"client_version": client, "method": "POST"}, rng.uniform(0.6, 1), (415, "UNSUPPORTED_MEDIA_TYPE", "Content type 'text/plain' not supported"), "client", "client", it, onset=onset, more=[{"client_version": client}])


def payload_too_large(w, rng):
    onset = w.instant()
    posts = [r for r in w.routes[0] if r[0] == "POST"] or w.routes[0]
    method, route = rng.choice(posts)
    client = w.common(w.clients, 3)
    it = change(w, rng, onset, "deploy", "client", f"release {client}: full-size images", client_version=client)
    where = {"client_version": client, "route": route}
    return simple(w, rng, dict(where, method=method), rng.uniform(0.6, 1), (413, "PAYLOAD_TOO_LARGE", "request entity too large: limit is 1048576 bytes"), "client", None, it, onset=onset, more=[where])


def flag_role(w, rng):
    onset = w.instant()
    role = w.common(w.roles)
    where, _ = route_of(w, 5)
    it = change(w, rng, onset, "flag", "api", "new-permissions on", flag="new-permissions")
    sets = dict(where, role=role)
    return simple(w, rng, sets, rng.uniform(0.7, 1), (403, "FORBIDDEN", f"role {role} lacks permission ticket:write"), "auth", "auth", it, onset=onset, more=[{"role": role, "route": where["route"]}])


def retry_storm_db(w, rng):
    where, more = by_upstream(w)
    policy = rng.choice([(2, 0.2, 1, 0.3), (3, 0.5, 1, 0.4), (4, 0.1, 1, 0.25), (2, 1, 2, 0.5)])
    return simple(w, rng, where, rng.uniform(0.15, 0.5), (500, "DB_DEADLOCK", "deadlock detected; transaction rolled back"), "server", "dependency", more=more, retries=policy)


def tenant_config(w, rng):
    onset = w.instant()
    tenant = w.common(w.tenants)
    where, _ = route_of(w, 6)
    it = change(w, rng, onset, "config", "tenant-settings", f"{tenant}: case types renamed", tenant=tenant)
    sets = dict(where, tenant=tenant)
    return simple(w, rng, sets, rng.uniform(0.8, 1), (422, "VALIDATION_FAILED", "caseType 'billing' is not one of [invoice, support]"), "client", "client", it, onset=onset, more=[{"tenant": tenant, "route": where["route"]}])


def pool_exhausted(w, rng):
    onset = w.instant(0.45, 0.75)
    where, more = route_of(w, 4)
    lead = rng.uniform(120, 420)
    top = rng.uniform(1, 6)
    limit = rng.choice([10000, 30000])

    def touch(call):
        if not fits(call, where):
            return
        if onset - lead <= call["time"]:
            call["latency"] *= 1 + top * min(1, (call["time"] - onset + lead) / lead)
        if call["time"] >= onset:
            fails(rng, call, 0.4, 500, "POOL_TIMEOUT", f"HikariPool-1 - Connection is not available, request timed out after {limit}ms.", latency=limit + rng.uniform(0, 900))

    return Story(onset, None, None, [], [[where, *more]], "server", "backend", lead=lead, touch=touch)


def cert_expired_upstream(w, rng):
    where, more = by_upstream(w)
    return simple(w, rng, where, 1, (502, "", "TLS error: certificate has expired"), "upstream", "gateway", more=more)


def slow_burn(w, rng):
    onset = w.instant(0.3, 0.5)
    where, more = route_of(w, 4)
    grows, top = w.duration * rng.uniform(0.15, 0.6), rng.uniform(0.1, 0.6)

    def touch(call):
        if call["time"] >= onset and fits(call, where):
            fails(rng, call, top * min(1, (call["time"] - onset) / grows), 500, "INTERNAL", "index out of range [3] with length 3")

    return Story(onset, None, None, [], [[where, *more]], "server", "backend", touch=touch)


def bot_waf(w, rng):
    onset = w.instant()
    client = w.common(w.clients)
    it = change(w, rng, onset, "config", "waf", "managed rules 3.2")
    return simple(w, rng, {"client_version": client}, rng.uniform(0.5, 1), (403, "", "Request blocked by WAF rule 942100"), "auth", "gateway", it, onset=onset, latency=1)


def two_at_once(w, rng):
    first = key_rotation(w, rng)
    where, more = by_upstream(w)
    shift = rng.choice([0, 0, rng.uniform(-400, 400)])
    second = simple(w, rng, where, 0.7, (502, "", "upstream prematurely closed connection, connection refused by peer"), None, None, onset=first.onset + shift, more=more)

    def touch(call):
        first.touch(call)
        if call["status"] < 400:
            second.touch(call)

    story = Story(first.onset, None, first.change, first.changes, [first.isolates[0], second.isolates[0]], touch=touch)
    return story


# Further kinds.


def credential_expired(w, rng):
    tenant = w.common(w.tenants)
    key = f"key_{tenant[:3]}_{rng.randrange(2)}"
    return simple(w, rng, {"api_key": key}, 1, (401, "invalid_client", "client secret has expired"), "auth", "auth")


def dns_failure(w, rng):
    where, more = by_upstream(w)
    what = (502, "", f"getaddrinfo ENOTFOUND {where['upstream']}.internal")
    return simple(w, rng, where, rng.choice([0.5, 1]), what, None, None, more=more)


def quota_exhausted(w, rng):
    tenant = w.common(w.tenants)
    what = (429, "QUOTA_EXCEEDED", "daily quota of 100000 requests exceeded, resets at midnight UTC")
    return simple(w, rng, {"tenant": tenant}, 1, what, "rate_limit", None)


def bad_host(w, rng):
    onset = w.instant()
    host = rng.choice(w.hosts)
    what = rng.choice([(500, "INTERNAL", "No space left on device"), (500, "INTERNAL", "java.lang.OutOfMemoryError: Java heap space"), (503, "", "service unavailable: too many open files")])
    more = []
    zone = w.zones[host]
    if sum(z == zone for z in w.zones.values()) == 1:
        more.append({"zone": zone})
    return simple(w, rng, {"host": host}, rng.uniform(0.3, 1), what, "server", "backend", onset=onset, more=more)


def zone_edge(w, rng):
    zone = w.common(sorted(set(w.zones.values())), 99)
    hosts = [h for h, z in w.zones.items() if z == zone]
    more = [{"host": hosts[0]}] if len(hosts) == 1 else []
    return simple(w, rng, {"zone": zone}, rng.uniform(0.3, 0.9), (503, "", "no healthy upstream"), "upstream", None, more=more)


def schema_change(w, rng):
    where, more = by_upstream(w)
    what = (500, "PROVIDER_RESPONSE_INVALID", f"cannot parse answer of {where['upstream']}: unknown field 'amount_minor'")
    return simple(w, rng, where, rng.uniform(0.7, 1), what, None, None, more=more)


def provider_errors(w, rng):
    where, more = by_upstream(w)
    upstream = where["upstream"]
    what = [(502, "UPSTREAM_ERROR", f"{upstream} answered 503 Service Unavailable"), (503, "UPSTREAM_ERROR", f"{upstream} answered 503 Service Unavailable"), (504, "UPSTREAM_TIMEOUT", f"upstream {upstream} timed out after 10000 ms")]
    return simple(w, rng, where, rng.uniform(0.3, 0.9), what, "upstream", "dependency", more=more)


def herd_restart(w, rng):
    onset = w.instant()
    end = onset + rng.uniform(150, 420)
    it = change(w, rng, onset, "deploy", "api", "restart of all instances")
    return simple(w, rng, {}, rng.uniform(0.2, 0.7), (503, "STARTING", "service is starting, not ready"), None, None, it, onset=onset, end=end)


def flapping(w, rng):
    onset = w.instant(0.3, 0.5)
    where, more = by_upstream(w)
    period, on = rng.uniform(180, 480), rng.uniform(0.3, 0.6)
    what = (502, "", "upstream connect error or disconnect/reset before headers. reset reason: connection failure")

    def touch(call):
        if call["time"] >= onset and (call["time"] - onset) % period < on * period and fits(call, where):
            fails(rng, call, 0.8, *what, latency=3)

    return Story(onset, None, None, [], [[where, *more]], "upstream", None, touch=touch)


def rolled_back(w, rng):
    onset = w.instant(0.3, 0.5)
    end = onset + rng.uniform(400, 1000)
    where, more = route_of(w, 6)
    release = f"2026.{rng.randint(51, 60)}.2"
    it = change(w, rng, onset, "deploy", "api", f"api {release}", release=release)
    back = {"id": f"deploy-{rng.randrange(16**5):05x}", "kind": "deploy", "at": w.moment(end - 5), "service": "api", "what": f"roll back to {w.release}", "release": w.release}
    chance = rng.uniform(0.4, 1)

    def touch(call):
        if onset <= call["time"] < end:
            call["release"] = release
            if fits(call, where):
                fails(rng, call, chance, 500, "INTERNAL", "panic: runtime error: invalid memory address or nil pointer dereference")

    sets = [where, *more]
    return Story(onset, end, it["id"], [it, back], [sets + [dict(one, release=release) for one in sets]], "server", "backend", touch=touch)


def database_read_only(w, rng):
    where, more = by_upstream(w)
    what = (500, "DB_ERROR", "ERROR: cannot execute INSERT in a read-only transaction")
    return simple(w, rng, where, rng.uniform(0.4, 1), what, "server", "dependency", more=more)


def everywhere(w, rng):
    """A shared part of the service breaks: nothing isolates it."""
    end = None
    return simple(w, rng, {}, rng.choice([0.03, 0.1, 0.4]), (500, "INTERNAL", "redis: connection pool timeout"), "server", None, end=end)


def rare_failure(w, rng):
    """About twenty to sixty failing calls in all."""
    onset = w.instant(0.4, 0.65)
    where, more = route_of(w, 5)
    share = dict(zip(*w.routes))[(where["method"], where["route"])] / sum(w.routes[1])
    left = w.rate * (w.start + w.duration - onset) * share
    return simple(w, rng, where, min(1, rng.uniform(25, 60) / left), (500, "INTERNAL", "ZeroDivisionError: division by zero"), "server", "backend", onset=onset, more=more)


def token_known(w, rng):
    """An error that is everywhere in small numbers rises in one tenant."""
    w.noise.append(((401, "expired_token", "token expired"), 0.008))
    tenant = w.common(w.tenants)
    return simple(w, rng, {"tenant": tenant}, rng.uniform(0.4, 0.9), (401, "expired_token", "token expired"), "auth", "auth")


def soft_failure(w, rng):
    """The status says 200, the message does not."""
    where, more = route_of(w, 5)
    return simple(w, rng, where, rng.uniform(0.4, 0.9), (200, "PAYMENT_DECLINED", "error: processor declined: invalid merchant configuration"), None, None, more=more, unfit=["combined", "nginx", "envoy", "csv"])


def network_brownout(w, rng):
    """A short one that ends on its own, in one region."""
    onset = w.instant()
    region = w.common(w.regions)
    what = (503, "", "upstream connect error or disconnect/reset before headers. reset reason: connection timeout")
    return simple(w, rng, {"region": region}, rng.uniform(0.4, 0.9), what, "upstream", "backend", onset=onset, end=onset + rng.uniform(120, 600), latency=5000)


# Quiet ones.


def quiet_deploy(w, rng):
    onset = w.instant()
    release = f"2026.{rng.randint(51, 60)}.0"
    it = change(w, rng, onset, "deploy", "api", f"api {release}", release=release)

    def touch(call):
        if call["time"] >= onset:
            call["release"] = release

    return Story(changes=[it], touch=touch)


def traffic_rise(w, rng):
    onset, factor = w.instant(), rng.uniform(2, 5)
    return Story(traffic=lambda time: factor if time >= onset else 1)


def tenant_traffic_rise(w, rng):
    """A tenant that fails much, as ever, sends more."""
    onset = w.instant()
    tenant = w.common(w.tenants)
    w.noisy_tenant = tenant

    def extra():
        return [dict(w.call(onset + rng.random() * (w.start + w.duration - onset)), tenant=tenant) for _ in range(int(w.rate * 600))]

    def touch(call):
        if call["tenant"] == tenant and rng.random() < 0.2:
            call.update(status=404, error_code="NOT_FOUND", message="customer not found")

    def more():
        made = extra()
        for call in made:
            call["api_key"] = f"key_{tenant[:3]}_0"
            call.update(status=200, error_code="", message="")
            if rng.random() < 0.32:
                call.update(status=404, error_code="NOT_FOUND", message="customer not found")
        return made

    # Where no line names the tenant, nothing tells this from an incident.
    return Story(touch=touch, extra=more, unfit=["combined"])


def background_tenant(w, rng):
    tenant = w.common(w.tenants)

    def touch(call):
        if call["tenant"] == tenant:
            call.update(status=401, error_code="invalid_client", message="unknown client id")

    return Story(touch=touch)


def batch_background(w, rng):
    """A batch that fails every time it runs."""
    period = rng.uniform(1200, 2400)
    method, route = w.common(w.routes)

    def extra():
        out, time = [], w.start + rng.uniform(0, period)
        while time < w.start + w.duration:
            for n in range(rng.randint(30, 60)):
                call = dict(w.call(time + n * rng.uniform(0.5, 1.5)), client_version="batch/1.0", method=method, route=route, path=route.replace("{id}", "1"), tenant=w.tenants[0][0], upstream=w.upstreams[(method, route)])
                call.update(status=400, error_code="BAD_REQUEST", message="field externalId is required")
                out.append(call)
            time += period
        return out

    return Story(extra=extra)


def night_rhythm(w, rng):
    """By night fewer calls and another mix of callers, so that failures have another share."""
    phase = rng.uniform(0, 6.28)
    wave = lambda time: 1 + 0.6 * math.sin(phase + (time - w.start) / 36_000 * 6.28)

    def touch(call):
        if rng.random() < 0.004 / wave(call["time"]):
            call.update(status=404, error_code="NOT_FOUND", message="customer not found")

    return Story(traffic=wave, touch=touch)


def low_traffic_quiet(w, rng):
    w.rate = rng.uniform(0.02, 0.08)
    return Story()


def slow_no_errors(w, rng):
    onset = w.instant()
    where, _ = by_upstream(w)

    def touch(call):
        if call["time"] >= onset and fits(call, where):
            call["latency"] *= 4

    return Story(touch=touch)


def random_clusters(w, rng):
    """Now and then one caller fails a few times in a row."""

    def extra():
        out = []
        for _ in range(rng.randint(3, 9)):
            time, one = w.instant(0, 0.97), w.call(0)
            status, code, message = rng.choice(w.noise)[0]
            for n in range(rng.randint(3, 9)):
                call = dict(one, time=time + n * rng.uniform(1, 5), request_id=f"{rng.getrandbits(48):012x}")
                call.update(status=status, error_code=code, message=message)
                out.append(call)
        return out

    return Story(extra=extra)


QUIET = [quiet_deploy, traffic_rise, tenant_traffic_rise, background_tenant, batch_background, night_rhythm, low_traffic_quiet, slow_no_errors, random_clusters]
LOUD = [
    bad_release, key_rotation, poll_storm, slow_dependency, region_network, client_release, flag_role, retry_storm_db, two_at_once, tenant_config,
    pool_exhausted, cert_expired_upstream, slow_burn, bot_waf, credential_expired, dns_failure, quota_exhausted, bad_host, zone_edge, payload_too_large,
    schema_change, provider_errors, herd_restart, flapping, rolled_back, gradual_rollout, database_read_only, everywhere, rare_failure, token_known,
    soft_failure, network_brownout,
]
KINDS = {kind.__name__: kind for kind in LOUD + QUIET}
