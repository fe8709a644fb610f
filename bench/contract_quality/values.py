"""Values that fit a schema: made from its keywords with a seeded generator, each with the keywords that hold at every place in it."""

import random
import re
import string

try:
    from re import _parser as sre
except ImportError:  # before Python 3.11
    import sre_parse as sre

from description import Skip, token

WORDS = "amber birch cedar delta ember fjord grove harbor indigo juniper kelp lumen maple nectar onyx pebble quartz river sierra tundra umber violet willow yarrow".split()
FORMATS = {
    "date": lambda r: f"20{r.randint(18, 29)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}",
    "date-time": lambda r: f"20{r.randint(18, 29)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}T{r.randint(0, 23):02}:{r.randint(0, 59):02}:{r.randint(0, 59):02}Z",
    "time": lambda r: f"{r.randint(0, 23):02}:{r.randint(0, 59):02}:{r.randint(0, 59):02}Z",
    "email": lambda r: f"{r.choice(WORDS)}@example.com",
    "idn-email": lambda r: f"{r.choice(WORDS)}@example.com",
    "uri": lambda r: f"https://example.com/{r.choice(WORDS)}",
    "url": lambda r: f"https://example.com/{r.choice(WORDS)}",
    "uri-reference": lambda r: f"/{r.choice(WORDS)}/{r.choice(WORDS)}",
    "iri": lambda r: f"https://example.com/{r.choice(WORDS)}",
    "uuid": lambda r: "-".join("".join(r.choice("0123456789abcdef") for _ in range(n)) for n in (8,)) + "-3c1d-4f2a-9b7e-" + "".join(r.choice("0123456789abcdef") for _ in range(12)),
    "ipv4": lambda r: f"192.0.2.{r.randint(1, 254)}",
    "ipv6": lambda r: f"2001:db8::{r.randint(1, 9999):x}",
    "hostname": lambda r: f"{r.choice(WORDS)}.example.com",
    "duration": lambda r: f"PT{r.randint(1, 59)}M",
    "byte": lambda r: "aGVsbG8=",
    "base64": lambda r: "aGVsbG8=",
    "json-pointer": lambda r: f"/{r.choice(WORDS)}",
    "regex": lambda r: "^[a-z]+$",
    "uri-template": lambda r: "https://example.com/{id}",
    "partial-date-time": lambda r: "2024-05-01T10:00:00",
    "unix-time": lambda r: "1714557600",
}


def from_pattern(pattern, rng):
    """A string that a regular expression takes, for the plain ones."""
    try:
        made = "".join(write(sre.parse(pattern), rng))
    except (re.error, OverflowError, RecursionError, AttributeError, KeyError, IndexError, ValueError):
        raise Skip("a pattern that is not understood") from None
    if not re.search(pattern, made):
        raise Skip("a pattern that is not understood")
    return made


def write(parsed, rng):
    for op, value in parsed:
        name = str(op)
        if name == "LITERAL":
            yield chr(value)
        elif name == "NOT_LITERAL":
            yield "a" if value != 97 else "b"
        elif name == "ANY":
            yield rng.choice(string.ascii_lowercase)
        elif name == "IN":
            yield of_class(value, rng)
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            low, high, inner = value
            times = rng.randint(low, max(low, min(int(high), low + 6)))
            for _ in range(times):
                yield from write(inner, rng)
        elif name == "SUBPATTERN":
            yield from write(value[3], rng)
        elif name == "BRANCH":
            yield from write(rng.choice(value[1]), rng)
        elif name == "CATEGORY":
            yield of_class([(op, value)], rng)
        elif name in ("AT", "ASSERT", "ASSERT_NOT"):
            continue
        else:
            raise KeyError(name)


def of_class(parts, rng):
    usable = string.ascii_letters + string.digits + "-_.@:/+=# "
    out, negated = set(), False
    for op, value in parts:
        name = str(op)
        if name == "NEGATE":
            negated = True
        elif name == "LITERAL":
            out.add(chr(value))
        elif name == "RANGE":
            out.update(chr(c) for c in range(value[0], min(value[1], value[0] + 200) + 1))
        elif name == "CATEGORY":
            word = {"CATEGORY_DIGIT": string.digits, "CATEGORY_WORD": string.ascii_letters + string.digits + "_", "CATEGORY_SPACE": " "}
            if str(value) in word:
                out.update(word[str(value)])
            else:
                out.update(c for c in usable if c not in word[str(value).replace("NOT_", "")])
    choices = [c for c in usable if (c in out) != negated] or sorted(out)
    plain = [c for c in choices if c.isalnum()]
    return rng.choice(plain or choices)


def number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class Maker:
    """Makes values for one half of a call. `notes` of a value: pointer → the keywords at that place, put together."""

    def __init__(self, description, half, rng):
        self.description, self.half, self.rng = description, half, rng
        self.judge = description.judges[half]

    def make(self, schema, simple=False):
        """A value and its notes, agreed by the judge; raises Skip."""
        for _ in range(6):
            notes = {}
            self.simple = simple
            value = self.value(schema, "", 0, notes)
            if self.judge.valid(schema, value):
                return value, notes
        raise Skip("the judge refuses what was made")

    def together(self, schema, seen=()):
        """A schema with its references followed, `allOf` put together and one branch taken."""
        if schema is True or schema is None:
            return {}
        if not isinstance(schema, dict):
            raise Skip("nothing fits")
        out = {}
        layers = [schema]
        if isinstance(schema.get("$ref"), str):
            if schema["$ref"] in seen or len(seen) > 30:
                raise Skip("a schema of itself")
            behind = self.together(self.description.follow({"$ref": schema["$ref"]}), (*seen, schema["$ref"]))
            if self.description.old:
                # What a nullable beside a reference means is read in two ways.
                return {**behind, "_doubtful": True} if len(schema) > 1 else behind
            layers = [behind, {k: v for k, v in schema.items() if k != "$ref"}]
        for layer in layers:
            self.add(out, {k: v for k, v in layer.items() if k not in ("allOf", "oneOf", "anyOf")})
            for part in layer.get("allOf") or []:
                self.add(out, self.together(part, seen))
            for word in ("oneOf", "anyOf"):
                branches = [b for b in layer.get(word) or [] if b != {"type": "null"}]
                if not branches:
                    continue
                branch = self.rng.choice(branches)
                self.add(out, self.together(branch, seen))
                if len(branches) > 1:
                    out["_branched"] = True
                if len(layer[word]) != len(branches):
                    out["nullable"] = True
                chosen = layer.get("discriminator")
                if isinstance(chosen, dict) and chosen.get("propertyName") and isinstance(branch.get("$ref"), str):
                    mapping = chosen.get("mapping") or {}
                    name = branch["$ref"].rsplit("/", 1)[-1]
                    key = next((k for k, v in mapping.items() if v in (branch["$ref"], name)), None if mapping else name)
                    if key is None:
                        raise Skip("a branch without a name")
                    out.setdefault("_fixed", {})[chosen["propertyName"]] = key
                    out["discriminator"] = {}
        return out

    def add(self, out, more):
        for key, value in more.items():
            if key == "properties" and isinstance(value, dict):
                mine = out.setdefault("properties", {})
                for name, one in value.items():
                    mine[name] = {"allOf": [mine[name], one]} if name in mine and mine[name] != one else one
            elif key == "required":
                out["required"] = sorted({*(out.get("required") or []), *(value if isinstance(value, list) else [])})
            elif key == "enum" and "enum" in out:
                out["enum"] = [v for v in out["enum"] if v in value]
            elif key == "_fixed":
                out.setdefault("_fixed", {}).update(value)
            elif key in ("minimum", "minLength", "minItems") and key in out:
                out[key] = max(out[key], value)
            elif key in ("maximum", "maxLength", "maxItems") and key in out:
                out[key] = min(out[key], value)
            elif key == "type" and "type" in out:
                old, new = ([t] if isinstance(t, str) else t for t in (out["type"], value))
                both = [t for t in old if t in new or (t == "integer" and "number" in new)] or [t for t in new if t == "integer" and "number" in old]
                if not both:
                    raise Skip("types that exclude each other")
                out["type"] = both if len(both) > 1 else both[0]
            elif key == "additionalProperties" and out.get(key) is False:
                continue
            else:
                out[key] = value

    def value(self, schema, at, depth, notes):
        merged = self.together(schema)
        if depth > 9:
            raise Skip("too deep")
        kinds = merged.get("type")
        if isinstance(kinds, list):
            if "null" in kinds:
                merged["nullable"] = True
            kinds = [k for k in kinds if k != "null"]
            merged["_types"] = kinds
            kinds = self.rng.choice(kinds) if kinds else "null"
        if kinds is None:
            kinds = next((k for k, words in (("object", ("properties", "required", "additionalProperties", "_fixed")), ("array", ("items", "prefixItems")), ("string", ("pattern", "minLength"))) if any(w in merged for w in words)), None)
            merged["_untyped"] = True
        if kinds in ("file", "any"):
            kinds = "string"
        merged["_kind"] = kinds
        notes[at] = merged
        if "const" in merged and not self.description.old:
            return merged["const"]
        if merged.get("enum"):
            choices = [v for v in merged["enum"] if v is not None and (kinds is None or fits(v, kinds))]
            if not choices:
                raise Skip("an enumeration of another type")
            return self.rng.choice(choices)
        if kinds == "object":
            return self.object(merged, at, depth, notes)
        if kinds == "array":
            return self.array(merged, at, depth, notes)
        if kinds == "integer" or kinds == "number":
            return self.number(merged, kinds)
        if kinds == "boolean":
            return self.rng.random() < 0.5
        if kinds == "null":
            return None
        return self.string(merged)

    def object(self, merged, at, depth, notes):
        if merged.get("discriminator") and not merged.get("_fixed"):
            raise Skip("a discriminator without branches")
        out = {}
        properties = merged.get("properties") or {}
        required = merged.get("required") or []
        share = 0.55 if depth < 2 else 0.2 if depth < 4 else 0.0
        optional = 0
        for name, one in properties.items():
            if self.judge.hidden(one):
                continue
            if name not in required:
                optional += 1
                if optional > 18 or self.rng.random() > share:
                    continue
            try:
                out[name] = self.value(one, f"{at}/{token(name)}", depth + 1, notes)
            except Skip:
                if name in required:
                    raise
                out.pop(name, None)
        for name in required:
            if name not in properties:
                out[name] = self.rng.choice(WORDS)
        out.update(merged.get("_fixed") or {})
        more = merged.get("additionalProperties")
        low = merged.get("minProperties", 0)
        if isinstance(more, dict) and not properties and depth < 5:
            low = max(low, 1)
        for word in self.rng.sample(WORDS, min(max(0, low - len(out)), len(WORDS))):
            if more is False:
                break
            out[word] = self.value(more if isinstance(more, dict) else {"type": "string"}, f"{at}/{word}", depth + 1, notes)
        return out

    def array(self, merged, at, depth, notes):
        low = merged.get("minItems", 0)
        high = merged.get("maxItems", max(low, 2))
        count = self.rng.randint(max(low, min(1, high)), max(low, min(high, 2))) if depth < 5 else low
        fixed = merged.get("prefixItems") or []
        out = []
        for i in range(max(count, min(len(fixed), high))):
            one = fixed[i] if i < len(fixed) else merged.get("items", {})
            if isinstance(one, list):
                raise Skip("a tuple in the old way")
            for _ in range(8):
                value = self.value(one, f"{at}/{i}", depth + 1, notes)
                if not merged.get("uniqueItems") or value not in out:
                    out.append(value)
                    break
            else:
                break
        return out

    def number(self, merged, kind):
        low, high = merged.get("minimum"), merged.get("maximum")
        step = merged.get("multipleOf") or (1 if kind == "integer" else 0.5)
        for word, sign in (("exclusiveMinimum", 1), ("exclusiveMaximum", -1)):
            edge = merged.get(word)
            if edge is True:
                edge = low if sign == 1 else high
            if number(edge):
                if sign == 1:
                    low = edge + step
                else:
                    high = edge - step
        if low is None:
            low = 1 if high is None or high >= 1 else high - 100
        if high is None or high > low + 1000:
            high = low + 1000
        first = -(-low // step)
        last = high // step
        value = step * self.rng.randint(int(first), int(max(first, last)))
        if kind == "integer":
            return int(value)
        return round(value, 6) if isinstance(value, float) else value

    def string(self, merged):
        low, high = merged.get("minLength", 0), merged.get("maxLength", 10**6)
        if isinstance(merged.get("pattern"), str):
            if merged.get("format") in FORMATS:
                made = FORMATS[merged["format"]](self.rng)
                try:
                    if re.search(merged["pattern"], made):
                        return made
                except re.error:
                    raise Skip("a pattern that is not understood") from None
            for _ in range(8):
                made = from_pattern(merged["pattern"], self.rng)
                if low <= len(made) <= high:
                    return made
            raise Skip("a pattern that is not understood")
        if merged.get("format") in FORMATS:
            return FORMATS[merged["format"]](self.rng)
        made = self.rng.choice(WORDS)
        while len(made) < min(low, 5000):
            made += ("" if self.simple else " ") + self.rng.choice(WORDS)
        made = made[:high]
        return made if len(made) >= low and not made.endswith(" ") else (made.rstrip() + "x" * low)[: max(low, len(made))]


def fits(value, kind):
    return {
        "string": isinstance(value, str),
        "integer": number(value) and value == int(value),
        "number": number(value),
        "boolean": isinstance(value, bool),
        "object": isinstance(value, dict),
        "array": isinstance(value, list),
    }.get(kind, True)


def seeded(*parts):
    return random.Random("/".join(map(str, parts)))
