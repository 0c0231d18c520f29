"""What must not leave with an export: keys, tokens and passwords in what people wrote and tools sent. Pure.

Known shapes and what stands behind a telling name; nothing is guessed from how random a text looks. A text without
either is let through, so this is a net below people, not instead of them.
"""

import re
from collections.abc import Callable
from typing import Final, TypeVar, cast

import msgspec

T = TypeVar("T")

_KEEP: Final = r"(?!\[redacted)"
_PHRASE: Final = r"passw(?:or)?[dt]|passphrase|(?<=[_-])pass|pwd"
_OTHERS: Final = (
    r"secret|token|credentials?|api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key|account[_-]?key"
    r"|routing[_-]?key|service[_-]?key|integration[_-]?key|signing[_-]?key|encryption[_-]?key"
)
_NAME: Final = rf"(?<![A-Za-z0-9_.-])(?P<name>[A-Za-z0-9_.-]{{0,40}}?(?:{_PHRASE}|{_OTHERS}))"
_VALUE: Final = (
    rf"""{_KEEP}(?:\\?"(?P<double>[^"\\\n]{{1,4000}})|\\?'(?P<single>[^'\\\n]{{1,4000}})"""
    r"""|(?P<bare>[^\s"',;&)\]}<>]{1,4000}))"""
)
_PAIR: Final = re.compile(rf"""{_NAME}\\?["']?\s{{0,4}}(?P<sign>=>|:=|=|:)\s{{0,4}}{_VALUE}""", re.IGNORECASE)
_OPTION: Final = re.compile(
    rf"(?<!\S)--?(?P<name>[a-z-]{{0,20}}?(?:{_PHRASE}|{_OTHERS}))\s{{1,4}}(?!-){_VALUE}", re.IGNORECASE
)
_NAMED: Final = re.compile(rf"[A-Za-z0-9_.-]*?(?P<word>{_PHRASE}|{_OTHERS})", re.IGNORECASE)
_NOTHING: Final = re.compile(
    r"\*+|x{3,}|<.*|\$.*|%\(.*|\{\{.*|none|null|nil|true|false|undefined|required|missing|redacted", re.IGNORECASE
)
_WORD: Final = re.compile(r"[a-zäöüß]+[.!?:]?|[A-Z][a-z]+[.!?:]?")
_COUNT: Final = re.compile(r"\d{1,5}")

_SHAPES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    (
        "private key",
        re.compile(
            r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,40}-----|\Z)", re.S
        ),
    ),
    (
        "url password",
        re.compile(
            rf"\b[a-z][a-z0-9+.-]{{1,30}}://[^\s/:@\"'<>]{{0,256}}:(?P<it>{_KEEP}[^\s/\"'<>]{{1,512}})@", re.I
        ),
    ),
    ("aws key", re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b")),
    ("github token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})")),
    ("gitlab token", re.compile(r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-[A-Za-z0-9_-]{20,255}")),
    ("slack token", re.compile(r"\bx(?:ox[abeoprs]|app)-[A-Za-z0-9-]{10,255}")),
    ("slack webhook", re.compile(r"\bhooks\.slack\.com/(?P<it>(?:services|workflows|triggers)/[A-Za-z0-9/_-]{8,255})")),
    ("jwt", re.compile(r"\beyJ[A-Za-z0-9_-]{8,4000}\.eyJ[A-Za-z0-9_-]{4,8000}\.[A-Za-z0-9_-]{0,2000}")),
    ("stripe key", re.compile(r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}")),
    ("google key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}")),
    ("api key", re.compile(r"\bsk-(?:[a-z]{2,12}-)?[A-Za-z0-9_-]{20,255}")),
    ("sendgrid key", re.compile(r"\bSG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,128}")),
    ("npm token", re.compile(r"\bnpm_[A-Za-z0-9]{36}\b")),
    ("pypi token", re.compile(r"\bpypi-AgE[A-Za-z0-9_-]{50,1000}")),
    ("databricks token", re.compile(r"\bdapi[0-9a-f]{32}(?:-\d)?\b")),
    (
        "authorization",
        re.compile(
            rf"""\bauthorization\\?["']?\s{{0,4}}[:=]\s{{0,4}}\\?["']?(?:[A-Za-z][A-Za-z0-9-]{{1,20}}\s+)?"""
            rf"""(?P<it>{_KEEP}[^\s"',;\\]{{4,4000}})""",
            re.I,
        ),
    ),
    (
        "bearer token",
        re.compile(
            rf"\bbearer\s{{1,4}}(?P<it>{_KEEP}(?=[A-Za-z._~+/=-]{{0,60}}\d|\S{{24}})[A-Za-z0-9._~+/=-]{{8,4000}})", re.I
        ),
    ),
    ("signature", re.compile(r"[?&](?:sig|signature|x-amz-signature)=(?P<it>[^&\s\"'<>]{8,1000})", re.I)),
)  # fmt: skip


def hide_in(text: str) -> str:
    """`text` with every secret in it replaced: `[redacted: aws key]`."""
    for what, shape in _SHAPES:
        text = shape.sub(_mark(what), text)
    return _OPTION.sub(_behind_a_name, _PAIR.sub(_behind_a_name, text))


def hide(value: T) -> T:
    """A value with every secret in its texts replaced: text, list, mapping, frozen struct. Its type stays."""
    return cast("T", _hide(value))


def _hide(value: object) -> object:
    if type(value) is str:  # a word of our own (an enum) is none from outside
        return hide_in(value)
    if isinstance(value, list | tuple):
        return type(value)(map(_hide, value)) if type(value) in (list, tuple) else value
    if isinstance(value, dict):
        return {name: _of_field(name, one, value) for name, one in value.items()}
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.replace(value, **{name: _hide(getattr(value, name)) for name in value.__struct_fields__})
    return value


def _of_field(name: object, value: object, fields: dict[object, object]) -> object:
    """What a field holds; its own name, or the one beside a `value`, may tell that it is a secret."""
    if name in ("value", "Value"):
        name = fields.get("name") or fields.get("key") or fields.get("Name") or name
    told = _NAMED.fullmatch(name) if isinstance(name, str) else None
    is_secret = isinstance(value, str) and bool(value) and not _NOTHING.fullmatch(value)
    return _redacted(_kind(told["word"])) if told and is_secret else _hide(value)


def _kind(word: str) -> str:
    plain = re.sub(r"(?<=[a-z])(?=key$)|[_-]", " ", word.lower())
    return "password" if plain.startswith("pass") or plain == "pwd" else plain


def _redacted(what: str) -> str:
    return f"[redacted: {what}]"


def _mark(what: str) -> Callable[[re.Match[str]], str]:
    def replace(found: re.Match[str]) -> str:
        return _without(found, "it" if "it" in found.re.groupindex else 0, what)

    return replace


def _without(found: re.Match[str], group: str | int, what: str) -> str:
    start, end = found.start(group) - found.start(), found.end(group) - found.start()
    return found[0][:start] + _redacted(what) + found[0][end:]


def _behind_a_name(found: re.Match[str]) -> str:
    """`password=hunter2` loses its value; `token: expired` is a sentence and `secret=$TOKEN` no secret."""
    group = next(name for name in ("double", "single", "bare") if found[name] is not None)
    value, told = found[group], _NAMED.fullmatch(found["name"])
    kind = _kind(told["word"] if told else found["name"])
    in_prose = found.re is _PAIR and found["sign"] == ":" and group == "bare"
    harmless = kind != "password" and ((in_prose and _WORD.fullmatch(value)) or _COUNT.fullmatch(value))
    return found[0] if harmless or _NOTHING.fullmatch(value) else _without(found, group, kind)
