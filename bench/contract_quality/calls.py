"""Valid calls made from a description: where, what, who, body and answer, each part kept apart so that a fault can be put into one."""

import base64
import copy
import json
import re
import urllib.parse
from dataclasses import dataclass, field

from description import Skip, plain
from values import Maker, number

NOT_PARAMETERS = ("accept", "content-type", "authorization")  # OpenAPI ignores parameters of these names
BOUNDARY = "----4f1e7c0a9b"


@dataclass
class Body:
    media: str  # as sent
    schema: dict
    value: object
    notes: dict
    encoding: dict = field(default_factory=dict)
    text: str = None  # in place of the value, for what does not parse

    def written(self):
        if self.text is not None:
            return self.text
        if is_json(self.media):
            return json.dumps(self.value, ensure_ascii=False)
        pairs = form(self.value, self.encoding)
        if self.media == "application/x-www-form-urlencoded":
            return urllib.parse.urlencode(pairs)
        out = ""
        for name, value in pairs:
            kind = '; filename="a.bin"\r\nContent-Type: application/octet-stream' if self.notes.get("/" + name, {}).get("format") == "binary" else ""
            out += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{kind}\r\n\r\n{value}\r\n'
        return out + f"--{BOUNDARY}--\r\n"


@dataclass
class Call:
    operation: object
    method: str
    origin: str
    base: str
    segments: list  # of (template, as sent)
    query: list = field(default_factory=list)  # of (name, value)
    headers: list = field(default_factory=list)
    cookies: list = field(default_factory=list)
    credentials: list = field(default_factory=list)  # of (place, name, value)
    filled: list = field(default_factory=list)  # of (parameter, schema, value)
    body: Body = None
    status: int = None
    answer_headers: list = field(default_factory=list)
    answer: Body = None

    def copy(self):
        """Deep enough for a fault to be put into it: bodies have values of their own, all else is lists of plain values."""
        new = copy.copy(self)
        for name in ("segments", "query", "headers", "cookies", "credentials", "answer_headers"):
            setattr(new, name, list(getattr(self, name)))
        for name in ("body", "answer"):
            old = getattr(self, name)
            if old:
                setattr(new, name, Body(old.media, old.schema, copy.deepcopy(old.value), old.notes, old.encoding, old.text))
        return new

    def path(self):
        return "".join("/" + sent for _, sent in self.segments)

    def url(self):
        query = self.query + [(n, v) for place, n, v in self.credentials if place == "query"]
        text = "&".join(f"{quote(n)}={quote(v)}" for n, v in query)
        return self.origin + self.base + self.path() + ("?" + text if text else "")

    def lines(self):
        """As one object: the form that the examples and archives are written from."""
        headers = [("Accept", "application/json"), ("User-Agent", "bench/1"), *self.headers]
        headers += [(n, v) for place, n, v in self.credentials if place == "header"]
        cookies = self.cookies + [(n, v) for place, n, v in self.credentials if place == "cookie"]
        if cookies:
            headers.append(("Cookie", "; ".join(f"{n}={v}" for n, v in cookies)))
        body = None
        if self.body:
            body = self.body.written()
            headers.append(("Content-Type", self.body.media + (f"; boundary={BOUNDARY}" if self.body.media == "multipart/form-data" else "")))
        answered = list(self.answer_headers)
        answer = None
        if self.answer:
            answer = self.answer.written()
            if self.answer.media:
                answered.append(("Content-Type", self.answer.media))
        return {
            "method": self.method,
            "url": self.url(),
            "headers": dict(headers),
            "body": body,
            "status": self.status,
            "response_headers": dict(answered),
            "response_body": answer,
        }


def is_json(media):
    return bool(media) and (media.split(";")[0].endswith("/json") or media.split(";")[0].endswith("+json"))


def quote(text):
    return urllib.parse.quote(str(text), safe="-_.~!*'()[]$:@,|/")


def text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if number(value):
        return json.dumps(value)
    if isinstance(value, str):
        if not value:
            raise Skip("an empty value")
        return value
    raise Skip("a value without a plain text")


def form(value, encoding):
    """A form's fields, for what the specification says how to write."""
    out = []
    for name, one in value.items():
        how = encoding.get(name) or {}
        if "json" in (how.get("contentType") or ""):
            out.append((name, json.dumps(one)))
        elif isinstance(one, list):
            if how.get("style") not in (None, "form") or how.get("explode") is False:
                raise Skip("a list of another style in a form")
            out.extend((name, text(v)) for v in one)
        elif isinstance(one, dict):
            if how.get("style") != "deepObject":
                raise Skip("an object in a form")
            out.extend((f"{name}[{key}]", text(v)) for key, v in one.items())
        else:
            out.append((name, text(one)))
    return out


def written(parameter, value, form2):
    """A parameter's value as pairs of a query, or as one text for other places."""
    name, place = parameter["name"], parameter["in"]
    if parameter.get("content"):
        return json.dumps(value), [(name, json.dumps(value))]
    if form2:
        how = parameter.get("collectionFormat") or "csv"
        style = {"csv": "form", "multi": "form", "ssv": "spaceDelimited", "pipes": "pipeDelimited", "tsv": "tab"}[how]
        explode = how == "multi"
        style = style if place in ("query", "cookie") else "simple"
    else:
        style = parameter.get("style") or ("form" if place in ("query", "cookie") else "simple")
        explode = parameter.get("explode", style in ("form", "deepObject"))
    if isinstance(value, list):
        texts = [text(v) for v in value]
        if not texts:
            raise Skip("an empty list")
        if any(c in t for t in texts for c in ", |\t;."):
            raise Skip("a separator in a value")
        if style == "deepObject":
            raise Skip("a list of a style for objects")
        if style == "form" and explode:
            return None, [(name, t) for t in texts]
        if explode and style in ("spaceDelimited", "pipeDelimited"):
            return None, [(name, t) for t in texts]
        by = {"spaceDelimited": " ", "pipeDelimited": "|", "tab": "\t"}.get(style, ",")
        one = by.join(texts)
        if style == "label":
            one = "." + ("." if explode else ",").join(texts)
        if style == "matrix":
            one = ";" + (";".join(f"{name}={t}" for t in texts) if explode else f"{name}=" + ",".join(texts))
        return one, [(name, one)]
    if isinstance(value, dict):
        pairs = [(k, text(v)) for k, v in value.items()]
        if not pairs or any(c in t for p in pairs for t in p for c in ",=;."):
            raise Skip("an object without a plain text")
        if style == "deepObject":
            return None, [(f"{name}[{k}]", v) for k, v in pairs]
        if style == "form" and explode:
            return None, pairs
        if style not in ("form", "simple"):
            raise Skip("an object of another style")
        one = ",".join(f"{k}={v}" if explode else f"{k},{v}" for k, v in pairs)
        return one, [(name, one)]
    one = text(value)
    one = "." + one if style == "label" else f";{name}={one}" if style == "matrix" else one
    return one, [(name, one)]


def schema_of(parameter, form2):
    if form2:
        return plain(parameter)
    if parameter.get("content"):
        media, content = next(iter(parameter["content"].items()))
        if not is_json(media):
            raise Skip("a parameter of another media type")
        return content.get("schema", {})
    return parameter.get("schema", {})


class Paths:
    """Which paths of a description a path fits."""

    def __init__(self, operations):
        self.methods = {}
        for operation in operations:
            self.methods.setdefault(operation.path, set()).add(operation.method)
        self.patterns = [(path, re.compile("".join("[^/]+" if p.startswith("{") else re.escape(p) for p in re.split(r"(\{[^{}/]*\})", path)) + r"\Z")) for path in self.methods]

    def fitting(self, path):
        path = urllib.parse.unquote(path)
        return [template for template, pattern in self.patterns if pattern.match(path)]


def token_of(scopes, subject="svc"):
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    claims = {"iss": "https://login.example.com", "sub": subject, "iat": 1700000000, "exp": 4102444800, "scope": " ".join(scopes)}
    return f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{part(claims)}.c2lnbmF0dXJlLW9mLWEtdG9rZW4"


def credential(scheme, scopes):
    """Where one scheme's credential goes; raises Skip for those that a call does not show."""
    kind = str(scheme.get("type")).lower()
    if kind == "apikey":
        value = "k3y-4f9a1b7c2d"
        return scheme["in"], scheme["name"], ("Bearer " + value if scheme["name"].lower() == "authorization" else value)
    http = str(scheme.get("scheme")).lower()
    if kind == "basic" or (kind == "http" and http == "basic"):
        return "header", "Authorization", "Basic YWxhZGRpbjpvcGVuLXNlc2FtZQ=="
    if kind in ("oauth2", "openidconnect") or (kind == "http" and http == "bearer"):
        return "header", "Authorization", "Bearer " + (token_of(scopes) if scopes else "t0k-81c4e0b2")
    raise Skip("a credential that is not made")


def credentials(security, schemes):
    for alternative in security:
        try:
            made = [credential(schemes[name], scopes) for name, scopes in alternative.items()]
        except (Skip, KeyError):
            continue
        if len({(place, name.lower()) for place, name, _ in made}) == len(made):
            return made
    if security:
        raise Skip("credentials that are not made")
    return []


def body_of(maker, bodies, encodings):
    """A body of the media type that is made best."""
    order = sorted(bodies, key=lambda m: (not is_json(m), m != "*/*", "urlencoded" not in m, m))
    for media in order:
        if not (is_json(media) or media in ("*/*", "application/x-www-form-urlencoded", "multipart/form-data")):
            continue
        sent = "application/json" if "*" in media else media
        value, notes = maker.make(bodies[media])
        body = Body(sent, bodies[media], value, notes, encodings.get(media) or {})
        if not is_json(sent):
            if not isinstance(value, dict) or not value:
                raise Skip("a form without fields")
            if sent == "multipart/form-data":
                for one in value.values():
                    if isinstance(one, (list, dict)):
                        raise Skip("a list or an object in a multipart form")
        body.written()
        return body
    raise Skip("a media type that is not made")


def make(operation, paths, rng):
    """One valid call of an operation; raises Skip."""
    description = operation.description
    form2 = description.form == "2"
    if "#" in operation.path or "?" in operation.path or not operation.servers:
        raise Skip("a path or server that is not plain")
    scheme, host, base = operation.servers[0]
    call = Call(operation, operation.method, f"{scheme or 'https'}://{host or 'api.example.test'}", base, [])
    maker = Maker(description, "request", rng)
    path, open_query = operation.path, False
    for parameter in operation.parameters:
        place, name = parameter["in"], parameter["name"]
        if place == "header" and name.lower() in NOT_PARAMETERS:
            continue
        needed = parameter.get("required") or place == "path"
        if not needed and (parameter.get("deprecated") or rng.random() > 0.4):
            continue
        try:
            schema = schema_of(parameter, form2)
            value, _ = maker.make(schema, simple=True)
            one, pairs = written(parameter, value, form2)
            if place == "path" and (one is None or "/" in one):
                raise Skip("a slash in a path parameter")
            if place in ("header", "cookie") and (one is None or not one.isascii() or "\n" in one or (place == "cookie" and re.search(r'[;, "]', one))):
                raise Skip("a value that its place cannot carry")
        except Skip:
            if needed:
                raise
            continue
        call.filled.append((parameter, schema, value))
        if place == "path":
            path = path.replace("{" + name + "}", urllib.parse.quote(one, safe=";=,.-_~@:" if one[0] in ";." else "-_.~@:,="))
        elif place == "query":
            call.query.extend(pairs)
        elif place == "header":
            call.headers.append((name, one))
        else:
            call.cookies.append((name, one))
    if "{" in path:
        raise Skip("a path parameter that is not described")
    fitting = [p for p in paths.fitting(path) if p != operation.path]
    if any(p.count("{") <= operation.path.count("{") for p in fitting):
        raise Skip("a path that fits another")
    call.segments = list(zip(operation.path.split("/")[1:], path.split("/")[1:]))
    call.credentials = credentials(operation.security, description.schemes())
    for place, parts in (("query", call.query), ("header", call.headers), ("cookie", call.cookies)):
        # What is both a parameter and a credential is sent once.
        parts[:] = [(n, v) for n, v in parts if not any(p == place and n.lower() == c.lower() for p, c, _ in call.credentials)]
    call.filled = [f for f in call.filled if f[0]["in"] == "path" or not any(f[0]["name"].lower() == c.lower() for _, c, _ in call.credentials)]
    if operation.bodies and (operation.body_required or rng.random() < 0.9):
        try:
            call.body = body_of(maker, operation.bodies, operation.encodings)
        except Skip:
            if operation.body_required:
                raise
    answer(call, rng)
    return call


def answer(call, rng):
    """Adds a described answer of success, where one can be made."""
    operation = call.operation
    maker = Maker(operation.description, "response", rng)
    statuses = sorted(operation.responses, key=lambda s: (not s.startswith("2"), not any(is_json(m) for m in operation.responses[s].bodies), s))
    if not statuses or not (statuses[0].startswith("2") or statuses[0] == "default"):
        return
    described = operation.responses[statuses[0]]
    status = int(statuses[0]) if statuses[0].isdigit() else 200
    bodyless = call.method == "HEAD" or status in (204, 205, 304)
    headers, body = [], None
    try:
        for name, header in described.headers.items():
            header = operation.description.follow(header)
            schema = plain(header) if operation.description.form == "2" else header.get("schema", {})
            if name.lower() in ("content-type", "set-cookie", "location") or not (header.get("required") or rng.random() < 0.4):
                continue
            value, _ = maker.make(schema, simple=True)
            headers.append((name, text(value)))
        if described.bodies and not bodyless:
            body = body_of(maker, described.bodies, {})
    except (Skip, AttributeError):
        return
    if status == 201:
        headers.append(("Location", f"{call.origin}{call.base}{call.path()}/1"))
    call.status, call.answer_headers, call.answer = status, headers, body
