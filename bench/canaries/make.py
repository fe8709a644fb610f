"""Plants canaries: fills the shapes of kinds.toml and writes them into the places of places.toml.

    python3 bench/canaries/make.py FOLDER [SEED]

writes one file per kind and place into FOLDER and index.jsonl, which says what each holds. The same seed gives the same bytes.
"""

import base64
import dataclasses
import hashlib
import json
import os
import random
import re
import string
import sys
import tomllib
import urllib.parse
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
WINDOW = 12
CLASSES = {
    "hex": string.digits + "abcdef", "HEX": string.digits + "ABCDEF", "digits": string.digits, "upper": string.ascii_uppercase,
    "lower": string.ascii_lowercase, "alnum": string.ascii_letters + string.digits, "loweralnum": string.ascii_lowercase + string.digits,
    "upperalnum": string.ascii_uppercase + string.digits, "base64url": string.ascii_letters + string.digits + "-_",
    "base64": string.ascii_letters + string.digits + "+/", "base32": string.ascii_uppercase + "234567",
    "bcrypt": string.ascii_letters + string.digits + "./", "mild": string.ascii_letters + string.digits + "!#%*-_.+~@$^=?",
    "harsh": "\"'\\<>&;,{}[]()|`",
}
PART = re.compile(r"\{([A-Za-z0-9]+)(?::([^}]*))?\}")


@dataclasses.dataclass
class Canary:
    """One planted secret: its value, and the pieces of it that nothing may show."""

    kind: str
    place: str
    value: str
    secret: list
    text: str


def url64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def chance(rng, letters, count):
    """Ends in a letter or digit, as a word does that a person copies; of each class that it can have, it has one."""
    while True:
        text = "".join(rng.choices(letters, k=count))
        if count < 4 or not any(c.isalnum() for c in letters):
            return text
        plain = text[0].isalnum() and text[-1].isalnum()
        needed = [group for group in (string.digits, string.ascii_lowercase, string.ascii_uppercase) if set(group) & set(letters)]
        if plain and (count < 12 or all(set(group) & set(text) for group in needed)):
            return text


def word(rng):
    return "".join(rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randrange(2, 4)))


def jwt(rng, claims, count):
    parts = [{"alg": "RS256", "typ": "JWT", "kid": f"k{rng.randrange(90) + 10}"}, {"iss": "https://login.example.com/", "sub": "user-4711", "exp": 1778058764, **claims}]
    head = ".".join(url64(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    return head + ".", chance(rng, CLASSES["base64url"], count)


def whole(rng, what, count):
    """Kinds that are no run of one class: the value, and the pieces of it that are secret."""
    if what == "uuid":
        text = f"{rng.getrandbits(128):032x}"
        text = f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{rng.choice('89ab')}{text[17:20]}-{text[20:]}"
        return text, [text]
    if what == "words":
        text = " ".join(word(rng) for _ in range(int(count)))
        return text, [text]
    if what == "crc":
        text = chance(rng, BASE62, int(count))
        rest, number = "", zlib.crc32(text.encode())
        for _ in range(6):
            number, digit = divmod(number, 62)
            rest = BASE62[digit] + rest
        return text + rest, [text + rest]
    if what == "jwt":
        head, signature = jwt(rng, {}, int(count))
        return head + signature, [signature]
    if what == "jwe":
        head = url64(json.dumps({"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": "k7"}).encode())
        parts = [chance(rng, CLASSES["base64url"], n) for n in (342, 16, 120, 22)]
        return ".".join([head, *parts]), [parts[0], parts[2]]
    if what == "basic":
        password = chance(rng, CLASSES["alnum"], 18)
        pair = base64.b64encode(f"svc-orders:{password}".encode()).decode()
        return pair, [password, pair]
    if what == "pem":
        body = [chance(rng, CLASSES["base64"], 64) for _ in range(6)] + [chance(rng, CLASSES["base64"], 38) + "=="]
        dashes = "-" * 5
        return "\n".join([f"{dashes}BEGIN {count} KEY{dashes}", *body, f"{dashes}END {count} KEY{dashes}"]), body
    raise ValueError(f"expected a class, got {what}")


def fill(rng, kind):
    """A value of this kind, and the pieces of it that are secret."""
    value, pieces, at, single = "", [], 0, False
    for part in PART.finditer(kind["shape"]):
        value += kind["shape"][at:part.start()]
        at = part.end()
        what, count = part.group(1), part.group(2)
        if what in CLASSES:
            value += chance(rng, CLASSES[what], int(count))
        else:
            text, inner = whole(rng, what, count)
            value += text
            if what in ("jwt", "jwe", "basic", "pem"):
                pieces += inner
                single = True
    value += kind["shape"][at:]
    if single:
        return value, pieces
    keep = kind.get("keep", PART.search(kind["shape"]).start())
    return value, [value[keep:]]


def spell(name, case):
    words = name.split("_")
    return {
        "snake": "_".join(words), "kebab": "-".join(words), "env": "_".join(words).upper(), "words": " ".join(words),
        "camel": words[0] + "".join(w.capitalize() for w in words[1:]), "pascal": "".join(w.capitalize() for w in words),
        "header": "-".join(w.capitalize() for w in words),
    }[case]


def escape(rng, value, how, name):
    quoted = json.dumps(value, ensure_ascii=False)[1:-1]
    percent = urllib.parse.quote(value, safe="")
    if how == "single":
        return value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    if how == "jwt_claim":
        return "".join(jwt(rng, {name: value}, 43))
    return {
        "none": value, "percent": percent, "percent2": urllib.parse.quote(percent, safe=""), "form": urllib.parse.quote_plus(value), "json": quoted, "double": quoted,
        "json2": json.dumps(quoted, ensure_ascii=False)[1:-1], "json3": json.dumps(json.dumps(quoted, ensure_ascii=False)[1:-1], ensure_ascii=False)[1:-1],
        "xml": value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;"),
        "ruby": quoted.replace("#", "\\#"), "shell": value.replace("'", "'\\''"), "sql": value.replace("'", "''"), "yaml": value.replace("\n", "\n    "),
        "url_json": urllib.parse.quote(quoted, safe=""), "base64": base64.b64encode(value.encode()).decode(),
        "base64_pair": base64.b64encode(f"svc:{value}".encode()).decode(),
    }[how]


def evidence(place, text):
    """A failed call that shows the piece where such a piece is seen."""
    answer = '{"error":"invalid_credentials","message":"The credentials were refused"}'
    request = ["POST /v1/orders HTTP/1.1", "Host: api.example.com", "Accept: */*"]
    response = ["HTTP/1.1 401 Unauthorized", "Content-Type: application/json", "x-request-id: 7b0c7c2e-6f0e-4f5e-9d0a-54a6b3d0f2aa"]
    body = ""
    match place["as"]:
        case "line":
            return text + "\n"
        case "command":
            return f"$ {text}\n" + "\n".join(response) + f"\n\n{answer}\n"
        case "request_target":
            return f"$ curl -sS -i '{text}'\n" + "\n".join(response) + f"\n\n{answer}\n"
        case "request_head":
            request.append(text)
        case "response_head":
            response.append(text)
        case "request_body":
            request.append(f"Content-Type: {place['type']}")
            body = text + "\n"
        case "response_body":
            response[1] = f"Content-Type: {place['type']}"
            answer = text
    return "\n".join(request) + f"\n\n{body}\n" + "\n".join(response) + f"\n\n{answer}\n"


def fits(kind, place, value):
    if "only" in place:
        return kind["id"] in place["only"]
    if place["tells"] == "nothing" and not kind["alone"]:
        return False
    takes = place["takes"]
    if takes == "lines":
        return True
    if "\n" in value:
        return False
    # A bare word ends where the text around it would end it: nobody could say what belongs to it.
    return takes == "text" or bool(re.fullmatch(r"[A-Za-z0-9._~+/=:!$*%@^?|#-]+", value)) and not (takes == "word" and place.get("escape", "none") == "none" and re.search(r"[#?&]", value))


def read(name):
    with open(os.path.join(HERE, name), "rb") as file:
        return tomllib.load(file)


def canaries(seed):
    kinds, places = read("kinds.toml")["kind"], read("places.toml")["place"]
    for kind in kinds:
        for place in places:
            digest = hashlib.sha256(f"{seed} {kind['id']} {place['id']}".encode()).digest()
            rng = random.Random(digest)
            value, secret = fill(rng, kind)
            if not fits(kind, place, value):
                continue
            name = spell(kind["name"], place.get("case", "snake"))
            written = escape(rng, value, place.get("escape", "none"), name)
            text = place["text"].replace("{name}", name).replace("{secret}", written)
            yield Canary(kind["id"], place["id"], value, secret, evidence(place, text))


def main():
    folder, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 7
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "index.jsonl"), "w") as index:
        for number, canary in enumerate(canaries(seed)):
            name = f"{number:05}.txt"
            with open(os.path.join(folder, name), "w") as file:
                file.write(canary.text)
            index.write(json.dumps({"file": name, "kind": canary.kind, "place": canary.place, "value": canary.value, "secret": canary.secret}) + "\n")


if __name__ == "__main__":
    main()
