"""One fault put into a valid call. What a good engineer would call it, and where it stands, is fixed here by the fault itself,
before anything is run; where two names are fair, or the call stays valid, the mutant is dropped and counted."""

import re
from dataclasses import dataclass

from calls import Body, credential, is_json, schema_of, text, token_of
from description import Skip, token
from values import Maker, number

LENGTHS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems"}
CLOSED = {"additionalProperties", "unevaluatedProperties"}
WRONG_FORMATS = {
    "date": ["03/15/2024", "2024-13-45", "yesterday"],
    "date-time": ["15.03.2024 10:20", "2024-03-15", "yesterday"],
    "email": ["nobody.example.com"],
    "uuid": ["1234", "not-a-uuid"],
    "uri": ["not a uri"],
    "ipv4": ["999.1.1.1", "localhost"],
    "ipv6": ["192.0.2.1"],
}


@dataclass
class Mutant:
    call: object
    half: str
    kinds: set
    spots: set
    names: str = ""  # what the finding's words must name


def one_letter(name, rng):
    """A slip of the pen: a letter changed, left out, doubled or swapped with the next."""
    places = [i for i, c in enumerate(name) if c.isalpha()]
    if len(places) < 4:
        raise Skip("too short")
    i = rng.choice(places[1:])
    how = rng.randrange(4)
    if how == 0:
        return name[:i] + rng.choice([c for c in "abcdefghijklmnopqrstuvwxyz" if c != name[i].lower()]) + name[i + 1 :]
    if how == 1:
        return name[:i] + name[i + 1 :]
    if how == 2 or i + 1 >= len(name) or name[i] == name[i + 1]:
        return name[:i] + name[i] + name[i:]
    return name[:i] + name[i + 1] + name[i] + name[i + 2 :]


def other_case(name, rng):
    """The same words in another writing."""
    words = [w for w in re.split(r"[_\-.\s]+|(?<=[a-z0-9])(?=[A-Z])", name) if w]
    low = [w.lower() for w in words]
    forms = ["_".join(low), low[0] + "".join(w.capitalize() for w in low[1:]), "".join(w.capitalize() for w in low), "-".join(low), name.upper(), name.lower()]
    if name.endswith("Id"):
        forms.append(name[:-2] + "ID")
    forms = sorted({f for f in forms if f != name})
    if not forms or len(name) < 2:
        raise Skip("no other writing")
    return rng.choice(forms)


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row, last = [i], row
        for j, y in enumerate(b, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (x != y)))
    return row[-1]


def near(name, others):
    """Whether a name is as near to one of the others."""
    bare = lambda n: re.sub(r"[^a-z0-9]", "", n.lower())
    return any(distance(bare(name), bare(o)) <= 2 for o in others)


# --- the way: host, path, method -------------------------------------------------------------------------------------------


def path_typo(call, paths, rng):
    places = [i for i, (template, sent) in enumerate(call.segments) if template == sent and "{" not in template and not re.match(r"v\d", template)]
    if not places:
        raise Skip("no literal segment")
    i = rng.choice(places)
    right = call.segments[i][0]
    new = call.copy()
    new.segments[i] = (right, one_letter(right, rng))
    if paths.fitting(new.path()):
        raise Skip("another path")
    yield Mutant(new, "request", {"unknown_path"}, {"target"}, right)


def bases(call):
    return {base for _, _, base in call.operation.servers}


def missing_base(call, paths, rng):
    if call.operation.open_base or not call.base or "" in bases(call) or paths.fitting(call.path()[len(call.base) :] if call.path().startswith(call.base) else ""):
        raise Skip("no base path")
    new = call.copy()
    new.base = ""
    yield Mutant(new, "request", {"wrong_base_path"}, {"target"})


def wrong_version(call, paths, rng):
    new = call.copy()
    found = re.search(r"/v(\d)(?=[./]|$)", call.base)
    if found and call.operation.open_base:
        raise Skip("a base path that may be any")
    if found:
        new.base = call.base[: found.start(1)] + str((int(found[1]) + rng.randint(1, 5)) % 10) + call.base[found.end(1) :]
        if new.base in bases(call):
            raise Skip("another server")
        yield Mutant(new, "request", {"wrong_base_path"}, {"target"})
        return
    template, _ = call.segments[0]
    if not re.fullmatch(r"v\d+(\.\d+)?", template) or len(call.segments) < 2:
        raise Skip("no version")
    new.segments[0] = (template, f"v{rng.randint(11, 19)}")
    if paths.fitting(new.path()):
        raise Skip("another path")
    yield Mutant(new, "request", {"wrong_base_path", "unknown_path"}, {"target"}, template)


def missing_version(call, paths, rng):
    template, _ = call.segments[0]
    if not re.fullmatch(r"v\d+(\.\d+)?", template) or len(call.segments) < 2:
        raise Skip("no version in the path")
    new = call.copy()
    del new.segments[0]
    if paths.fitting(new.path()):
        raise Skip("another path")
    yield Mutant(new, "request", {"wrong_base_path", "unknown_path"}, {"target"}, template)


def trailing_slash(call, paths, rng):
    if not call.segments[-1][1] or paths.fitting(call.path() + "/") or paths.fitting(call.path() + "/zz") or call.path() == "/":
        raise Skip("another path")
    new = call.copy()
    new.segments.append(("", ""))
    yield Mutant(new, "request", {"trailing_slash"}, {"target"})


def sandbox_host(call, paths, rng):
    scheme, _, host = call.origin.partition("://")
    if host == "api.example.test" or not re.search(r"[a-z]", host) or re.search(r"sandbox|test|stag|dev|local|demo|example|mock|int\b|qa|uat", host):
        raise Skip("no host of production")
    new = call.copy()
    first, _, rest = host.partition(".")
    word = rng.choice(["sandbox", "staging", "test"])
    # A word put into a domain itself makes another domain.
    host = rng.choice([f"{word}.{host}", f"{first}-{word}.{rest}", f"{word}-{first}.{rest}"] if host.count(".") > 1 else [f"{word}.{host}"])
    new.origin = f"{scheme}://{host}"
    if any(h == host for _, h, _ in call.operation.servers):
        raise Skip("a server of the description")
    yield Mutant(new, "request", {"wrong_environment"}, {"target"})


def missing_id(call, paths, rng):
    places = [i for i, (template, _) in enumerate(call.segments) if re.fullmatch(r"\{[^{}]+\}", template)]
    if not places:
        raise Skip("no id")
    i = rng.choice(places)
    name = call.segments[i][0][1:-1]
    new = call.copy()
    without = call.segments[:i] + call.segments[i + 1 :]
    if not without or paths.fitting("".join("/" + sent for _, sent in without)):
        raise Skip("another path")
    last = i == len(call.segments) - 1
    if last and rng.random() < 0.5:
        del new.segments[i]
    else:
        new.segments[i] = (call.segments[i][0], "")
        if paths.fitting(new.path()):
            raise Skip("another path")
    yield Mutant(new, "request", {"missing_path_parameter"}, {"target", f"path parameter {name}"}, name)


def a_slip_away(template, sent):
    """Whether a path fits a template but for one segment, which is nearly the one there."""
    if len(template) != len(sent):
        return False
    off = [(t, s) for t, s in zip(template, sent) if "{" not in t and t != s]
    return len(off) == 1 and distance(*off[0]) <= 3


def wrong_method(call, paths, rng):
    taken = set().union(*(paths.methods[p] for p in paths.fitting(call.path())))
    others = [m for m in ("GET", "POST", "PUT", "PATCH", "DELETE") if m not in taken]
    if not others:
        raise Skip("every method")
    new = call.copy()
    new.method = rng.choice(others)
    for path, methods in paths.methods.items():
        if new.method in methods and a_slip_away(path.split("/")[1:], [s for _, s in call.segments]):
            raise Skip("near another path")
    yield Mutant(new, "request", {"unknown_method"}, {"method", "target"}, call.method)


# --- parameters ------------------------------------------------------------------------------------------------------------


def spot(place, name):
    return {"path": "path parameter ", "query": "query parameter ", "header": "header ", "cookie": "cookie "}[place] + name


def is_open(call):
    """Whether names of the query are not all told: a parameter that is an object written as several."""
    operation = call.operation
    for p in operation.parameters:
        if p["in"] == "query":
            schema = operation.description.follow(p.get("schema") or {})
            if isinstance(schema, dict) and (schema.get("type") in ("object", None) and not p.get("type")) and (p.get("explode", True)):
                return True
    return False


def drop(call, name, place):
    new = call.copy()
    for parts in (new.query, new.headers, new.cookies):
        parts[:] = [(n, v) for n, v in parts if n != name] if parts is {"query": new.query, "header": new.headers, "cookie": new.cookies}[place] else parts
    return new


def missing_parameter(call, paths, rng):
    needed = [p for p, _, _ in call.filled if p.get("required") and p["in"] in ("query", "header", "cookie")]
    if not needed:
        raise Skip("no required parameter")
    p = rng.choice(needed)
    new = drop(call, p["name"], p["in"])
    if new.url() == call.url() and new.headers == call.headers and new.cookies == call.cookies:
        raise Skip("a parameter under several names")
    yield Mutant(new, "request", {"missing_parameter"}, {spot(p["in"], p["name"])}, p["name"])


def misnamed_parameter(call, paths, rng):
    if is_open(call):
        raise Skip("names that are not told")
    names = [p["name"] for p, _, _ in call.filled if p["in"] == "query" and any(n == p["name"] for n, _ in call.query) and re.fullmatch(r"[A-Za-z_\-]{3,}", p["name"])]
    if not names:
        raise Skip("no parameter in the query")
    old = rng.choice(names)
    wrong = one_letter(old, rng) if rng.random() < 0.5 else other_case(old, rng)
    others = [p["name"] for p in call.operation.parameters if p["in"] == "query" and p["name"] != old]
    others += [n for place, n, _ in call.credentials if place == "query"]
    if wrong == old or near(wrong, others):
        raise Skip("near another name")
    new = call.copy()
    new.query = [(wrong if n == old else n, v) for n, v in call.query]
    yield Mutant(new, "request", {"misnamed_parameter"}, {spot("query", old), spot("query", wrong)}, old)


def unknown_parameter(call, paths, rng):
    if is_open(call):
        raise Skip("names that are not told")
    new = call.copy()
    new.query.append(("zq_trace_mode", "full"))
    yield Mutant(new, "request", {"unknown_parameter"}, {spot("query", "zq_trace_mode")}, "zq_trace_mode")


def invalid_parameter(call, paths, rng):
    plain = [f for f in call.filled if isinstance(f[2], (str, int, float)) and not f[0].get("content")]
    rng.shuffle(plain)
    description = call.operation.description
    for p, schema, value in plain:
        merged = Maker(description, "request", rng).together(schema)
        wrongs = {"integer": ["abc", "1.5"], "number": ["abc"], "boolean": ["maybe"]}.get(merged.get("type"), [])
        if merged.get("enum"):
            wrongs = ["zz-none"]
        wrongs = wrongs + WRONG_FORMATS.get(merged.get("format"), []) if merged.get("type") == "string" else wrongs
        if number(merged.get("maximum")):
            wrongs = [*wrongs, str(int(merged["maximum"]) + 1)]
        if number(merged.get("minimum")):
            wrongs = [*wrongs, str(int(merged["minimum"]) - 1)]
        if isinstance(merged.get("pattern"), str):
            wrongs = [*wrongs, "~~"]
        rng.shuffle(wrongs)
        for wrong in wrongs:
            readings = [wrong, *([int(wrong)] if re.fullmatch(r"-?\d+", wrong) else []), *([float(wrong)] if re.fullmatch(r"-?[\d.]+", wrong) else [])]
            if any(description.judges["request"].errors(schema, r) == [] for r in readings):
                continue
            new = call.copy()
            sent = text(value)
            if p["in"] == "path":
                if p.get("style") not in (None, "simple") or "/" in wrong:
                    continue
                new.segments = [(t, s if t != "{" + p["name"] + "}" else wrong.replace(" ", "%20")) for t, s in call.segments]
                if paths.fitting(new.path()) != paths.fitting(call.path()) or new.path() == call.path():
                    continue
            elif p["in"] == "query":
                new.query = [(n, wrong if n == p["name"] and v == sent else v) for n, v in call.query]
                if new.query == call.query:
                    continue
            elif p["in"] == "header":
                new.headers = [(n, wrong if n == p["name"] else v) for n, v in call.headers]
            else:
                continue
            yield Mutant(new, "request", {"invalid_parameter"}, {spot(p["in"], p["name"])}, p["name"])
            return
    raise Skip("no plain parameter to break")


# --- credentials -----------------------------------------------------------------------------------------------------------


def alternatives(call):
    """Every (place, name, scheme, scopes) of every alternative; raises Skip where one is not told by a call."""
    schemes = call.operation.description.schemes()
    out = []
    for alternative in call.operation.security:
        if not alternative:
            raise Skip("no credentials needed")
        for name, scopes in alternative.items():
            if name not in schemes:
                raise Skip("a scheme that is not described")
            place, field, value = credential(schemes[name], scopes)
            out.append((place, field, schemes[name], scopes, value))
    if not out:
        raise Skip("no credentials needed")
    if any(p["name"].lower() == name.lower() for p in call.operation.parameters for _, name, *_ in out):
        raise Skip("a credential that is a parameter, too")
    if any(re.search(r"token|key|auth|secret|signature", p["name"], re.I) and p["in"] != "path" for p, _, _ in call.filled):
        raise Skip("a parameter that looks like a credential")
    return out


def missing_credentials(call, paths, rng):
    ways = alternatives(call)
    new = call.copy()
    new.credentials = []
    yield Mutant(new, "request", {"missing_credentials"}, {spot(p, f) for p, f, *_ in ways} | {"header Authorization"})


def wrong_scheme(call, paths, rng):
    ways = alternatives(call)
    spots = {spot(p, f) for p, f, *_ in ways} | {"header Authorization"}
    used = {value.split()[0] if f.lower() == "authorization" and " " in value else "" for p, f, _, _, value in ways}
    new = call.copy()
    new.credentials = [("header", "Authorization", "Basic YWxhZGRpbjpvcGVuLXNlc2FtZQ==" if used == {"Bearer"} else "Bearer t0k-81c4e0b2")]
    if used not in ({"Bearer"}, {"Basic"}, {""}) or any(str(s.get("type")).lower() == "apikey" and f.lower() == "authorization" for _, f, s, _, _ in ways):
        raise Skip("several schemes of Authorization")
    yield Mutant(new, "request", {"wrong_credential_scheme"}, spots)


def missing_scope(call, paths, rng):
    ways = alternatives(call)
    mine = [w for w in ways if w[3] and w[4].startswith("Bearer ey") and ("header", "Authorization", w[4]) in call.credentials]
    if not mine:
        raise Skip("no scopes")
    lost = rng.choice(mine[0][3])
    kept = [s for s in mine[0][3] if s != lost] or ["profile"]
    schemes = call.operation.description.schemes()
    for alternative in call.operation.security:
        bearer = [set(scopes) for name, scopes in alternative.items() if credential(schemes[name], scopes)[2].startswith("Bearer ") and credential(schemes[name], scopes)[1] == "Authorization"]
        if bearer and len(bearer) == len(alternative) and all(s <= set(kept) for s in bearer):
            raise Skip("another alternative")
    if len([a for a in call.operation.security]) > 1:
        raise Skip("other alternatives, whose scopes are as fair to ask for")
    new = call.copy()
    new.credentials = [(p, n, "Bearer " + token_of(kept) if n == "Authorization" else v) for p, n, v in call.credentials]
    yield Mutant(new, "request", {"missing_scope"}, {"header Authorization"}, lost)


# --- the body as a whole -----------------------------------------------------------------------------------------------------


def missing_body(call, paths, rng):
    if not (call.body and call.operation.body_required):
        raise Skip("no required body")
    new = call.copy()
    new.body = None
    yield Mutant(new, "request", {"missing_body"}, {"body", "header Content-Type"})


def unexpected_body(call, paths, rng):
    if call.operation.bodies or call.method in ("TRACE", "HEAD", "OPTIONS"):
        raise Skip("takes a body")
    new = call.copy()
    new.body = Body("application/json", {}, {"zq": 1}, {})
    yield Mutant(new, "request", {"unexpected_body"}, {"body", "header Content-Type"})


def takes(bodies, media):
    family = media.split("/")[0]
    return any(m.split(";")[0] in (media, "*/*", family + "/*") or "*" in m for m in bodies)


def wrong_content_type(call, paths, rng):
    if not call.body:
        raise Skip("no body")
    if is_json(call.body.media):
        wrong = rng.choice(["text/plain", "application/x-www-form-urlencoded", "application/xml"])
    else:
        wrong = "application/json"
    if call.operation.any_type or takes(call.operation.bodies, wrong):
        raise Skip("takes that too")
    new = call.copy()
    new.body.text = call.body.written() if is_json(call.body.media) else Body("application/json", {}, call.body.value, {}).written()
    new.body.media = wrong
    yield Mutant(new, "request", {"wrong_content_type"}, {"header Content-Type"})


def broken_text(written, rng):
    """JSON with one slip in its writing."""
    how = rng.randrange(4)
    if how == 0 and len(written) > 6:
        return written[: -rng.randint(1, len(written) // 2)]
    if how == 1 and written[-1] in "}]" and len(written) > 2:
        return written[:-1] + "," + written[-1]
    if how == 2 and '"' in written and "'" not in written:
        return written.replace('"', "'")
    if how == 3 and ", " in written:
        at = written.index(", ", rng.randrange(written.rindex(", ") + 1))
        return written[:at] + " " + written[at + 2 :]
    raise Skip("nothing to break")


def parses(written):
    import json

    try:
        json.loads(written)
        return True
    except ValueError:
        return False


def malformed(half):
    def of(call, paths, rng):
        body = call.body if half == "request" else call.answer
        if not (body and is_json(body.media)):
            raise Skip("no JSON")
        new = call.copy()
        broken = broken_text(body.written(), rng)
        if parses(broken):
            raise Skip("still JSON")
        (new.body if half == "request" else new.answer).text = broken
        yield Mutant(new, half, {"malformed_body"}, {"body"})

    return of


# --- fields ----------------------------------------------------------------------------------------------------------------


def find(value, at):
    """The holder of a pointer and its key there; (None, None) for the whole."""
    holder, key = None, None
    for part in at.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        holder = value if holder is None else holder[key]
        key = int(part) if isinstance(holder, list) else part
    return holder, key


def get(value, at):
    holder, key = find(value, at)
    return value if holder is None else holder[key]


def there(body):
    """Places of a body with their keywords, in the order of its notes."""
    for at, merged in body.notes.items():
        try:
            value = get(body.value, at)
        except (KeyError, IndexError, TypeError):
            continue
        yield at, merged, value


class Fault:
    """A fault of one kind in a field. `places` yields what to do where: (change of the value, pointers at which the judge may
    complain, keywords of it, spots, what must be named); the judge then has to agree that this and nothing else is wrong."""

    def __init__(self, half, kinds, places, forms=False):
        self.half, self.kinds, self.places, self.forms = half, kinds, places, forms

    def __call__(self, call, paths, rng):
        body = call.body if self.half == "request" else call.answer
        if not body or body.text is not None or not (is_json(body.media) or self.forms):
            raise Skip("no fields")
        judge = call.operation.description.judges[self.half]
        found = list(self.places(body, rng, Maker(call.operation.description, self.half, rng)))
        rng.shuffle(found)
        for change, pointers, keywords, spots, names in found[:12]:
            new = call.copy()
            mine = new.body if self.half == "request" else new.answer
            try:
                changed = change(mine.value)
            except Skip:
                continue
            mine.value = mine.value if changed is None else changed
            if not mine.value and not is_json(mine.media):
                continue  # a form without fields is no body at all
            errors = judge.errors(body.schema, mine.value)
            if keywords is None:
                fair = errors == []
            else:
                fair = bool(errors) and all(p in pointers and k in keywords for p, k, _ in errors)
            if not fair:
                continue
            try:
                mine.written()
            except Skip:
                continue
            yield Mutant(new, self.half, self.kinds, {f"body {s}" if s else "body" for s in spots}, names)
            return
        raise Skip("no place where it is the one fault")


def required_fields(body):
    for at, merged, value in there(body):
        if isinstance(value, dict):
            for name in merged.get("required") or []:
                if name in value and name not in (merged.get("_fixed") or {}):
                    yield at, merged, value, name


def delete(at, name):
    return lambda whole: get(whole, at).__delitem__(name)


def put(at, new):
    """Puts a value, or what a function makes of the old one."""

    def change(whole):
        holder, key = find(whole, at)
        if holder is None:
            return new
        holder[key] = new
        return None

    return change


def missing_field(body, rng, maker):
    for at, _, _, name in required_fields(body):
        yield delete(at, name), {at}, {"required"}, {at, f"{at}/{token(name)}"}, name


def misnamed_field(body, rng, maker):
    for at, merged, value in there(body):
        if not isinstance(value, dict):
            continue
        properties = merged.get("properties") or {}
        for old in value:
            if old not in properties or old in (merged.get("_fixed") or {}):
                continue
            try:
                wrong = one_letter(old, rng) if rng.random() < 0.5 else other_case(old, rng)
            except Skip:
                continue
            if wrong in properties or wrong in value or wrong == old or near(wrong, [p for p in properties if p != old]):
                continue

            def change(whole, at=at, old=old, wrong=wrong):
                held = get(whole, at)
                renamed = {(wrong if k == old else k): v for k, v in held.items()}
                held.clear()
                held.update(renamed)

            yield change, {at}, {"required", *CLOSED}, {f"{at}/{token(wrong)}", f"{at}/{token(old)}"}, old


def nesting(body, rng, maker):
    root = body.value
    if isinstance(root, dict) and body.notes.get("", {}).get("required") and "data" not in (body.notes[""].get("properties") or {}):
        inside = {f"/data/{token(n)}" for n in root} | {f"/{token(n)}" for n in root}
        yield (lambda whole: {"data": whole}), {""}, {"required", *CLOSED, "minProperties"}, {"", "/data", *inside}, "data"
    for at, merged, value, name in required_fields(body):
        for other, one in value.items():
            inner = body.notes.get(f"{at}/{token(other)}") or {}
            below = f"{at}/{token(other)}"
            if other != name and isinstance(one, dict) and inner.get("properties") and name not in inner["properties"]:

                def down(whole, at=at, name=name, other=other):
                    held = get(whole, at)
                    held[other][name] = held.pop(name)

                yield down, {at, below}, {"required", *CLOSED}, {f"{below}/{token(name)}", f"{at}/{token(name)}", at}, name
        if at and at.rsplit("/", 1)[0] in body.notes:
            above = at.rsplit("/", 1)[0]
            outer = get(body.value, above)
            if isinstance(outer, dict) and name not in outer and name not in (body.notes[above].get("properties") or {}):

                def up(whole, at=at, above=above, name=name):
                    get(whole, above)[name] = get(whole, at).pop(name)

                yield up, {at, above}, {"required", *CLOSED}, {f"{above}/{token(name)}", f"{at}/{token(name)}", at}, name


def single_for_list(body, rng, maker):
    for at, merged, value in there(body):
        if merged.get("_kind") == "array" and isinstance(value, list) and len(value) == 1 and value[0] is not None and not isinstance(value[0], list):
            yield put(at, value[0]), {at}, {"type", "enum"}, {at}, ""


def list_for_single(body, rng, maker):
    for at, merged, value in there(body):
        if merged.get("_kind") in ("string", "integer", "number", "boolean", "object") and not merged.get("_untyped") and at:
            yield put(at, [value]), {at}, {"type", "enum", "const"}, {at}, ""


def wrong_type(body, rng, maker):
    for at, merged, value in there(body):
        kind = merged.get("_kind")
        if merged.get("enum") or merged.get("_untyped") or not at:
            continue
        wrong = None
        if kind == "boolean":
            wrong = "true" if value else "false"
        elif kind in ("integer", "number") and number(value):
            wrong = str(value)
        elif kind == "string" and merged.get("format") not in ("date-time", "date"):
            # Not around the value itself: that is a matter of nesting.
            wrong = rng.choice([5, True, {"en": "amber", "de": "birch"}])
        elif kind == "object":
            wrong = "amber"
        if wrong is not None:
            yield put(at, wrong), {at}, {"type"}, {at}, ""


def epoch(body, rng, maker):
    for at, merged, value in there(body):
        if merged.get("_kind") == "string" and merged.get("format") == "date-time":
            yield put(at, rng.choice([1714557600, 1714557600000])), {at}, {"type"}, {at}, ""


def form_type(body, rng, maker):
    for at, merged, value in there(body):
        if merged.get("_kind") in ("integer", "number") and not merged.get("enum"):
            yield put(at, "abc"), {at}, {"type"}, {at}, ""


def null(body, rng, maker):
    for at, merged, value in there(body):
        if at and not merged.get("nullable") and not merged.get("_doubtful") and not merged.get("x-nullable"):
            yield put(at, None), {at}, {"type", "enum", "const"}, {at}, ""


def not_in_enum(body, rng, maker):
    for at, merged, value in there(body):
        if isinstance(value, str) and value and (merged.get("enum") or "const" in merged):
            wrong = rng.choice([value + "_zz", value.swapcase(), "zz-none"])
            yield put(at, wrong), {at}, {"enum", "const"}, {at}, ""


def out_of_range(body, rng, maker):
    for at, merged, value in there(body):
        choices = []
        if number(value):
            for word, step in (("minimum", -1), ("maximum", 1), ("exclusiveMinimum", 0), ("exclusiveMaximum", 0)):
                if number(merged.get(word)):
                    choices.append(merged[word] + step)
        if isinstance(value, str):
            if number(merged.get("maxLength")) and merged["maxLength"] <= 5000 and not merged.get("format"):
                choices.append((value or "x") + "x" * (int(merged["maxLength"]) + 1 - len(value)))
            if number(merged.get("minLength")) and merged["minLength"] > 0:
                choices.append(value[: int(merged["minLength"]) - 1])
        if isinstance(value, list) and value:
            if number(merged.get("maxItems")) and merged["maxItems"] <= 50 and not merged.get("uniqueItems"):
                choices.append(value + [value[0]] * (int(merged["maxItems"]) + 1 - len(value)))
            if number(merged.get("minItems")) and merged["minItems"] > 0:
                choices.append(value[: int(merged["minItems"]) - 1])
        for wrong in choices:
            yield put(at, wrong), {at}, LENGTHS, {at}, ""


def invalid_format(body, rng, maker):
    for at, merged, value in there(body):
        if isinstance(value, str) and not merged.get("enum"):
            for wrong in WRONG_FORMATS.get(merged.get("format"), []):
                yield put(at, wrong), {at}, {"format", "pattern"}, {at}, ""
            if isinstance(merged.get("pattern"), str):
                for wrong in ("~~" + value, value + " ~~", "~" * len(value)):
                    yield put(at, wrong), {at}, {"pattern", "format"}, {at}, ""


def unknown_field(body, rng, maker):
    for at, merged, value in there(body):
        if isinstance(value, dict) and (merged.get("additionalProperties") is False or merged.get("unevaluatedProperties") is False):

            def change(whole, at=at):
                get(whole, at)["zqTraceMode"] = "full"

            yield change, {at}, CLOSED, {f"{at}/zqTraceMode", at}, "zqTraceMode"


def hidden_field(body, rng, maker):
    """A field that does not travel in this half, with a value that the other half would have."""
    other = Maker(maker.description, "response" if maker.half == "request" else "request", rng)
    for at, merged, value in there(body):
        if isinstance(value, dict):
            for name, one in (merged.get("properties") or {}).items():
                if name not in value and maker.judge.hidden(one):

                    def change(whole, at=at, name=name, one=one):
                        get(whole, at)[name] = other.make(one)[0]

                    yield change, set(), None, {f"{at}/{token(name)}"}, name


# --- the answer ------------------------------------------------------------------------------------------------------------


def undocumented_status(call, paths, rng):
    described = call.operation.responses
    if call.status is None or any(s.lower() == "default" for s in described):
        raise Skip("every status")
    free = [s for s in (203, 206, 302, 409, 418, 423, 500, 503) if str(s) not in described and f"{s // 100}xx" not in {d.lower() for d in described}]
    new = call.copy()
    new.status = rng.choice(free)
    yield Mutant(new, "response", {"undocumented_status"}, {"status"})


def wrong_answer_type(call, paths, rng):
    if not (call.answer and is_json(call.answer.media)):
        raise Skip("no JSON")
    described = next((r for s, r in call.operation.responses.items() if s == str(call.status)), None) or call.operation.responses.get("default")
    if call.operation.any_answer or not described or takes(described.bodies, "text/html"):
        raise Skip("takes that too")
    new = call.copy()
    new.answer.media, new.answer.text = "text/html", "<!doctype html><html><body><h1>Welcome</h1></body></html>"
    yield Mutant(new, "response", {"wrong_content_type"}, {"header Content-Type"})


def empty_answer(call, paths, rng):
    if not (call.answer and is_json(call.answer.media)):
        raise Skip("no JSON")
    new = call.copy()
    new.answer.text = ""
    new.answer_headers.append(("Content-Length", "0"))
    yield Mutant(new, "response", {"missing_body", "malformed_body"}, {"body"})


def missing_header(call):
    """A header left out that is made a required one: descriptions hardly say so. Changes the description."""
    described = call.operation.responses.get(str(call.status))
    for name, _ in call.answer_headers:
        header = call.operation.description.follow((described.headers if described else {}).get(name, {}))
        if header and not call.operation.description.form == "2" and name.lower() != "location":
            header["required"] = True
            new = call.copy()
            new.answer_headers = [(n, v) for n, v in call.answer_headers if n != name]
            return Mutant(new, "response", {"missing_header"}, {f"header {name}"}, name)
    return None


def invalid_header(call, paths, rng):
    described = call.operation.responses.get(str(call.status))
    for name, _ in call.answer_headers:
        header = call.operation.description.follow((described.headers if described else {}).get(name, {}))
        schema = header if call.operation.description.form == "2" else call.operation.description.follow(header.get("schema") or {})
        if schema.get("type") in ("integer", "number", "boolean"):
            new = call.copy()
            new.answer_headers = [(n, "soon" if n == name else v) for n, v in call.answer_headers]
            yield Mutant(new, "response", {"invalid_header"}, {f"header {name}"}, name)
            return
    raise Skip("no header to break")


def no_created_resource(call, paths, rng):
    if call.status != 201 or call.method != "POST":
        raise Skip("nothing created")
    described = call.operation.responses["201"]
    new = call.copy()
    new.answer_headers = [(n, v) for n, v in call.answer_headers if n.lower() != "location"]
    if any(call.operation.description.follow(h).get("required") for n, h in described.headers.items() if n.lower() == "location"):
        raise Skip("a required header")
    if call.answer:
        telling = re.compile(r"id|ur[il]|href|key|name|location|link|self|slug|number|code|token|ref|path|handle", re.I)
        names = set()

        def walk(value):
            if isinstance(value, dict):
                names.update(value)
                for one in value.values():
                    walk(one)
            elif isinstance(value, list):
                for one in value:
                    walk(one)

        walk(call.answer.value)
        if any(telling.search(n) for n in names):
            raise Skip("a body that tells which")
        if not isinstance(call.answer.value, dict):
            raise Skip("a body of another kind")
    yield Mutant(new, "response", {"no_created_resource"}, {"status", "header Location", "body"})


MUTATIONS = {
    "unknown path": path_typo,
    "missing base path": missing_base,
    "wrong version": wrong_version,
    "missing version": missing_version,
    "trailing slash": trailing_slash,
    "sandbox host": sandbox_host,
    "missing id": missing_id,
    "wrong method": wrong_method,
    "missing parameter": missing_parameter,
    "misnamed parameter": misnamed_parameter,
    "unknown parameter": unknown_parameter,
    "invalid parameter": invalid_parameter,
    "missing credentials": missing_credentials,
    "wrong credential scheme": wrong_scheme,
    "missing scope": missing_scope,
    "missing body": missing_body,
    "unexpected body": unexpected_body,
    "wrong content type": wrong_content_type,
    "syntax error": malformed("request"),
    "missing field": Fault("request", {"missing_field"}, missing_field, forms=True),
    "misnamed field": Fault("request", {"misnamed_field"}, misnamed_field, forms=True),
    "wrong nesting": Fault("request", {"wrong_nesting"}, nesting),
    "single value for list": Fault("request", {"single_value_for_list"}, single_for_list),
    "list for value": Fault("request", {"list_for_single_value"}, list_for_single),
    "wrong type": Fault("request", {"wrong_type"}, wrong_type),
    "epoch for date-time": Fault("request", {"wrong_type", "invalid_format"}, epoch),
    "null": Fault("request", {"null_value"}, null),
    "not in enum": Fault("request", {"not_in_enum"}, not_in_enum, forms=True),
    "out of range": Fault("request", {"out_of_range"}, out_of_range),
    "invalid format": Fault("request", {"invalid_format"}, invalid_format),
    "unknown field": Fault("request", {"unknown_field"}, unknown_field, forms=True),
    "read-only sent": Fault("request", {"read_write_only"}, hidden_field),
    "undocumented status": undocumented_status,
    "answer: wrong content type": wrong_answer_type,
    "answer: syntax error": malformed("response"),
    "answer: empty": empty_answer,
    "answer: invalid header": invalid_header,
    "answer: 201 without resource": no_created_resource,
    "answer: missing field": Fault("response", {"missing_field"}, missing_field),
    "answer: wrong type": Fault("response", {"wrong_type"}, wrong_type),
    "answer: single value for list": Fault("response", {"single_value_for_list"}, single_for_list),
    "answer: null": Fault("response", {"null_value"}, null),
    "answer: not in enum": Fault("response", {"not_in_enum"}, not_in_enum),
    "answer: invalid format": Fault("response", {"invalid_format"}, invalid_format),
    "answer: unknown field": Fault("response", {"unknown_field"}, unknown_field),
    "answer: write-only returned": Fault("response", {"read_write_only"}, hidden_field),
}
