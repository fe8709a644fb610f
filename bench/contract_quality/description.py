"""Reads OpenAPI and Swagger documents for the benchmark: their operations as plain values and, as the judge of what is valid, the
package `jsonschema`. Made apart from firstfault's own reading on purpose; it needs no more than the documents of documents.tsv have."""

import json
import re
import urllib.parse

import jsonschema
import referencing
import yaml
from referencing.jsonschema import DRAFT202012

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Skip(Exception):
    """Something that the benchmark does not make: counted, not judged."""


class Yaml(yaml.CSafeLoader):
    """YAML 1.2 core: no dates, no yes and no, no sexagesimals."""


Yaml.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    Yaml.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))
# A key may be a number (statuses); all keys are strings in JSON.
Yaml.add_constructor(
    "tag:yaml.org,2002:map", lambda loader, node: {str(loader.construct_object(k, True)) if k.value != "" else "": loader.construct_object(v, True) for k, v in node.value}
)


def read(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    return json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, Yaml)


def token(key):
    return key.replace("~", "~0").replace("/", "~1")


class Description:
    def __init__(self, path):
        self.raw = read(path)
        version = str(self.raw.get("openapi") or self.raw.get("swagger"))
        self.form = "2" if version.startswith("2") else version[:3]
        self.old = self.form in ("2", "3.0")
        self.judges = {half: Judge(self, half) for half in ("request", "response")}

    def at(self, pointer):
        value = self.raw
        for key in pointer.split("/")[1:]:
            key = urllib.parse.unquote(key).replace("~1", "/").replace("~0", "~")
            value = value[int(key)] if isinstance(value, list) else value[key]
        return value

    def follow(self, value):
        """What stands behind references, which may chain."""
        for _ in range(20):
            if not (isinstance(value, dict) and isinstance(value.get("$ref"), str)):
                return value
            if not value["$ref"].startswith("#"):
                raise Skip("reference to another file")
            try:
                value = self.at(value["$ref"][1:])
            except (KeyError, IndexError, ValueError, TypeError):
                raise Skip("broken reference") from None
        raise Skip("reference to itself")

    def servers(self, *owners):
        """Base URLs as (scheme, host, base); host and scheme None where the description leaves them open."""
        if self.form == "2":
            schemes = self.raw.get("schemes") or ["https"]
            scheme = "https" if "https" in schemes else schemes[0]
            return [(scheme, self.raw.get("host"), (self.raw.get("basePath") or "").rstrip("/"))]
        out = []
        for server in self.listed(*owners):
            url = server.get("url", "")
            for name, variable in (server.get("variables") or {}).items():
                url = url.replace("{" + name + "}", str(variable.get("default") or next(iter(variable.get("enum") or []), "")))
            if "{" in url:
                continue
            parts = urllib.parse.urlsplit(url)
            out.append((parts.scheme or None, parts.netloc or None, parts.path.rstrip("/")))
        return out

    def listed(self, *owners):
        return next((o["servers"] for o in (*owners, self.raw) if o.get("servers")), [{"url": "/"}])

    def open_base(self, *owners):
        """Whether a base path may be any: a variable of it has no list of values."""
        variables = [v for s in self.listed(*owners) for v in (s.get("variables") or {}).values() if not v.get("enum")]
        return any(str(v.get("default", "")).strip("/") in base for v in variables for _, _, base in self.servers(*owners) if base)

    def operations(self):
        for path, item in (self.raw.get("paths") or {}).items():
            if not path.startswith("/"):
                continue
            item = self.follow(item)
            for method in METHODS:
                if isinstance(item.get(method), dict):
                    try:
                        yield Operation(self, path, method, item)
                    except (Skip, KeyError, TypeError, AttributeError):
                        continue

    def schemes(self):
        raw = self.raw.get("securityDefinitions") if self.form == "2" else (self.raw.get("components") or {}).get("securitySchemes")
        return {name: self.follow(scheme) for name, scheme in (raw or {}).items()}


class Operation:
    def __init__(self, description, path, method, item):
        raw = item[method]
        self.description, self.path, self.method, self.raw = description, path, method.upper(), raw
        self.deprecated = bool(raw.get("deprecated"))
        self.servers = description.servers(raw, item)
        self.open_base = description.form != "2" and description.open_base(raw, item)
        self.security = raw.get("security", description.raw.get("security")) or []
        parameters = {}
        for one in [*(item.get("parameters") or []), *(raw.get("parameters") or [])]:
            one = description.follow(one)
            parameters[(one["in"], one["name"])] = one
        self.parameters = [p for p in parameters.values() if p["in"] in ("path", "query", "header", "cookie")]
        for p in parameters.values():
            if p["in"] == "querystring":
                raise Skip("whole query")
        self.bodies, self.body_required, self.encodings = {}, False, {}
        # Swagger 2.0 need not say which media types there are.
        told = lambda word: description.form != "2" or raw.get(word) or description.raw.get(word)
        self.any_type, self.any_answer = not told("consumes"), not told("produces")
        if description.form == "2":
            self._body2(parameters)
        elif raw.get("requestBody"):
            body = description.follow(raw["requestBody"])
            self.body_required = bool(body.get("required"))
            for media, content in (body.get("content") or {}).items():
                self.bodies[media.lower()] = content.get("schema", {})
                self.encodings[media.lower()] = content.get("encoding") or {}
        self.responses = {str(status): Answer(self, description.follow(one)) for status, one in (raw.get("responses") or {}).items() if not str(status).startswith("x-")}

    def _body2(self, parameters):
        consumes = [m.lower() for m in (self.raw.get("consumes") or self.description.raw.get("consumes") or [])]
        fields = [p for p in parameters.values() if p["in"] == "formData"]
        for one in parameters.values():
            if one["in"] == "body":
                self.body_required = bool(one.get("required"))
                self.bodies = {m: one.get("schema", {}) for m in consumes or ["application/json"]}
        if fields:
            self.body_required = any(p.get("required") for p in fields)
            if any(p.get("collectionFormat") not in (None, "multi") for p in fields if p.get("type") == "array"):
                raise Skip("delimited list in a form")
            schema = {"type": "object", "properties": {p["name"]: plain(p) for p in fields}, "required": [p["name"] for p in fields if p.get("required")]}
            forms = [m for m in consumes if "form" in m] or ["application/x-www-form-urlencoded"]
            self.bodies = {m: schema for m in forms if "multipart" in m or not any(p.get("type") == "file" for p in fields)}

    @property
    def name(self):
        return f"{self.method} {self.path}"


class Answer:
    def __init__(self, operation, raw):
        self.headers = raw.get("headers") or {}
        if operation.description.form == "2":
            produces = operation.raw.get("produces") or operation.description.raw.get("produces") or ["application/json"]
            self.bodies = {m.lower(): raw["schema"] for m in produces} if "schema" in raw else {}
        else:
            self.bodies = {m.lower(): c.get("schema", {}) for m, c in (raw.get("content") or {}).items()}


KEYWORDS = (
    "type format enum items default minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength pattern minItems maxItems uniqueItems multipleOf readOnly"
).split()


def plain(parameter):
    """The schema of a parameter of Swagger 2.0, which is the parameter itself."""
    schema = {k: parameter[k] for k in KEYWORDS if k in parameter}
    if schema.get("type") == "file":
        return {"type": "string", "format": "binary"}
    if isinstance(schema.get("items"), dict):
        schema["items"] = plain(schema["items"])
    return schema


SCHEMAS = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedProperties", "unevaluatedItems", "additionalItems")
LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
MAPS = ("properties", "patternProperties", "dependentSchemas")
OURS = ("nullable", "discriminator", "xml", "example", "examples", "externalDocs", "deprecated", "$id", "id", "$schema", "description", "title", "default", "readOnly", "writeOnly")


class Judge:
    """Whether a value fits a schema, by the package `jsonschema`, for one half of a call."""

    def __init__(self, description, half):
        self.description, self.half = description, half
        self.registry = referencing.Registry(retrieve=self.retrieve)
        self.known, self.built = {}, {}

    def retrieve(self, uri):
        if uri not in self.known:
            raw = self.description.at(urllib.parse.unquote(uri[len("urn:in:") :]))
            self.known[uri] = DRAFT202012.create_resource(self.convert(raw))
        return self.known[uri]

    def hidden(self, schema):
        """Whether a property does not travel in this half."""
        word = "readOnly" if self.half == "request" else "writeOnly"
        for _ in range(8):
            if not isinstance(schema, dict):
                return False
            if schema.get(word) is True and not ("$ref" in schema and self.description.old):
                return True
            if "$ref" in schema:
                try:
                    schema = self.description.follow({"$ref": schema["$ref"]})
                except Skip:
                    return False
            else:
                return any(self.hidden(part) for part in schema.get("allOf") or [])
        return False

    def convert(self, schema):
        if not isinstance(schema, dict):
            return schema
        reference = schema.get("$ref")
        if isinstance(reference, str):
            if not reference.startswith("#"):
                raise Skip("reference to another file")
            uri = {"$ref": "urn:in:" + urllib.parse.quote(urllib.parse.unquote(reference[1:]), safe="/")}
            if self.description.old:
                return uri
        out = {}
        for key, value in schema.items():
            if key in SCHEMAS:
                out[key] = self.convert(value)
            elif key in LISTS and isinstance(value, list):
                out[key] = [self.convert(v) for v in value]
            elif key in MAPS and isinstance(value, dict):
                out[key] = {k: self.convert(v) for k, v in value.items()}
            elif key not in OURS and not key.startswith("x-"):
                out[key] = value
        if isinstance(reference, str):
            out["$ref"] = uri["$ref"]
        if self.description.old:
            kind = out.get("type")
            if kind in ("file", "any"):
                del out["type"]
            elif schema.get("nullable") is True and isinstance(kind, str):
                out["type"] = [kind, "null"]
            for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
                if isinstance(out.get(exclusive), bool):
                    if out.pop(exclusive) and bound in out:
                        out[exclusive] = out.pop(bound)
            out.pop("const", None)
        if isinstance(out.get("required"), list):
            properties = schema.get("properties") or {}
            out["required"] = [name for name in out["required"] if not self.hidden(properties.get(name))]
        elif "required" in out:
            del out["required"]
        return out

    def validator(self, schema):
        key = id(schema)
        if key not in self.built:
            made = jsonschema.Draft202012Validator(self.convert(schema), registry=self.registry, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
            self.built[key] = (schema, made)  # keeps the schema, so that its id stays its own
        return self.built[key][1]

    def errors(self, schema, value):
        """Every single violation as (pointer, keyword, what the keyword says), None where two branches are as near as each other."""
        try:
            return leaves(self.validator(schema).iter_errors(value))
        except (re.error, referencing.exceptions.Unresolvable, KeyError, RecursionError, TypeError, jsonschema.exceptions.UnknownType, ValueError) as problem:
            raise Skip(f"the judge cannot say: {type(problem).__name__}") from None

    def valid(self, schema, value):
        return self.errors(schema, value) == []


def pointer(path):
    return "".join("/" + token(str(key)) for key in path)


def weight(error, root):
    """How far from a branch: a value of another type at its root is not that branch at all."""
    if list(error.absolute_path) == root:
        return {"type": 100, "enum": 20, "const": 20}.get(error.validator, 1)
    single = error.validator == "const" or (error.validator == "enum" and len(error.validator_value) == 1)
    return 10 if single else 1


def same(found):
    """What two branches must agree in to be one complaint."""
    return sorted((at, keyword, said if keyword == "required" else "") for at, keyword, said in found)


def leaves(errors):
    out = []
    for error in errors:
        branches = {}
        if error.validator in ("anyOf", "oneOf"):
            for one in error.context:
                branches.setdefault(one.schema_path[0], []).append(one)
        if not branches:
            said = error.validator_value if error.validator in ("type", "required", "format", "pattern", "enum") else None
            if error.validator == "required":
                said = next((n for n in error.validator_value if error.message.startswith(repr(n) + " is a required")), None)
            out.append((pointer(error.absolute_path), error.validator, said))
            continue
        root = list(error.absolute_path)
        ranked = {}
        for branch in branches.values():
            found = leaves(branch)
            if found is None:
                return None
            ranked.setdefault(sum(weight(e, root) for e in branch), []).append(found)
        if len(branches) < len(error.validator_value):
            return None  # oneOf, of which more than one branch fits
        best = ranked[min(ranked)]
        if any(same(b) != same(best[0]) for b in best):
            return None
        out.extend(best[0])
    return out
