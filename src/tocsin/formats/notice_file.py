"""Notices as our own YAML or JSON.

Every scalar is read as text, so that the version 2.10 stays 2.10. Anchors, aliases, tags
and repeated keys are refused: a notice is data that two people sign, not a program.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

import yaml
from pydantic import ValidationError

from tocsin.base.errors import NoticeInvalid, NoticeUnreadable
from tocsin.notice.model import Notice

MAX_NOTICE_BYTES = 20_000_000
MAX_JSON_BYTES = 80_000_000  # an advisory on 300,000 products, in about a minute
MAX_DEPTH = 40
_NOTHING = {"null", "~", ""}

_Base: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read_notice_text(path: Path) -> str:
    """Return a notice file's text.

    Raises:
        NoticeUnreadable: if it is missing, empty, too large or not UTF-8 text.
    """
    most = MAX_JSON_BYTES if path.suffix.lower() == ".json" else MAX_NOTICE_BYTES
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= most else b""
    except OSError as error:
        raise NoticeUnreadable(
            f"The notice {path} cannot be opened: {error.strerror}. Check the name."
        ) from error
    if size > most:
        raise NoticeUnreadable(
            f"The notice {path} has {size / 1e6:.0f} MB; a notice has at most "
            f"{most / 1e6:.0f} MB. Nothing was read. Is it the right file?"
        )
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raw = raw.decode("utf-16", errors="replace").encode()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoticeUnreadable(
            f"The notice {path} is not UTF-8 text (byte {error.start + 1}). "
            "Save it as UTF-8 and try again."
        ) from error
    if not text.strip():
        raise NoticeUnreadable(f"The notice {path} is empty. Nothing can be matched against it.")
    if "\x00" in text:
        raise NoticeUnreadable(f"The notice {path} contains NUL characters; it is no text file.")
    return text


def parse_tree(text: str, path: Path) -> Any:
    """Return the tree of a YAML or JSON text, all scalars as text."""
    if text.lstrip().startswith("{"):
        return parse_json(text, path)
    return _parse_yaml(text, path)


def parse_json(text: str, path: Path) -> Any:
    """Return the tree of a JSON text, numbers kept as they are written."""
    repeated: list[str] = []

    def as_mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping = dict(pairs)
        if len(mapping) < len(pairs) and not repeated:
            keys = Counter(key for key, _ in pairs)
            repeated.append(keys.most_common(1)[0][0])
        return mapping

    try:
        tree = json.loads(
            text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=as_mapping
        )
    except RecursionError as error:
        raise NoticeUnreadable(f"The file {path} is nested too deeply to be a notice.") from error
    except json.JSONDecodeError as error:
        raise NoticeUnreadable(
            f"The notice {path} is not valid JSON at line {error.lineno}, column "
            f"{error.colno}: {error.msg}. Nothing was read."
        ) from error
    if repeated:
        raise NoticeUnreadable(
            f"The notice {path} has the key {repeated[0][:80]!r} twice in one object, so that one "
            "of the two would be lost. Nothing was read. Ask its publisher for a valid document."
        )
    return tree


class _PlainLoader(_Base):  # type: ignore[misc]
    """Reads every scalar as text; refuses repeated keys and keys that are no text."""


def _construct_mapping(loader: Any, node: yaml.MappingNode) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        fault = None
        if not isinstance(key, str):
            fault = "a key must be plain text"
        elif key in mapping:
            fault = f"the key {key!r} occurs twice"
        if fault:
            raise yaml.constructor.ConstructorError(None, None, fault, key_node.start_mark)
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


def _construct_sequence(loader: Any, node: yaml.SequenceNode) -> list[Any]:
    return [loader.construct_object(item, deep=True) for item in node.value]


def _construct_scalar(_loader: Any, node: yaml.ScalarNode) -> str | None:
    if node.style is None and node.value.lower() in _NOTHING:
        return None
    return str(node.value)


_PlainLoader.add_constructor("tag:yaml.org,2002:str", _construct_scalar)
_PlainLoader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)
_PlainLoader.add_constructor("tag:yaml.org,2002:seq", _construct_sequence)


def _parse_yaml(text: str, path: Path) -> Any:
    depth = 0
    try:
        for event in yaml.parse(text, _Base):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                _refuse_yaml(path, _line_of(event), "anchors and aliases are not allowed")
            if getattr(event, "tag", None) not in {None, "!"}:
                _refuse_yaml(path, _line_of(event), "tags are not allowed")
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                _refuse_yaml(path, _line_of(event), "it is nested too deeply")
        return yaml.load(text, _PlainLoader)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        _refuse_yaml(path, mark.line if mark else 0, error.problem or "it is not valid YAML")
    except yaml.YAMLError as error:
        _refuse_yaml(path, 0, str(error).splitlines()[0])


def _line_of(event: yaml.Event) -> int:
    return event.start_mark.line if event.start_mark else 0


def _refuse_yaml(path: Path, line: int, why: str) -> NoReturn:
    raise NoticeUnreadable(
        f"The notice {path} cannot be read as YAML at line {line + 1}: {why}. Nothing was read."
    )


def read_notice_tree(tree: Any, path: Path) -> Notice:
    """Return the notice that a tree states.

    Raises:
        NoticeInvalid: naming every fault with its place.
    """
    if not isinstance(tree, dict):
        raise NoticeUnreadable(
            f"The file {path} holds no notice: expected keys such as `notice`, `kind`, `scope`."
        )
    try:
        return Notice.model_validate(tree)
    except ValidationError as error:
        faults = "; ".join(_fault(fault, tree) for fault in error.errors()[:8])
        more = error.error_count() - 8
        tail = f"; and {more} more" if more > 0 else ""
        raise NoticeInvalid(
            f"The notice {path} was refused: {faults}{tail}. Nothing was matched. "
            "Correct the file; `tocsin notice check FILE` tells when it is right."
        ) from error


def _fault(fault: Any, tree: dict[str, Any]) -> str:
    place = list(fault["loc"])
    shown = ".".join(str(part) for part in place) or "the notice"
    if place[:1] == ["scope"] and len(place) > 1 and isinstance(place[1], int):
        entries = tree.get("scope")
        entry = entries[place[1]] if isinstance(entries, list) else None
        name = entry.get("entry") if isinstance(entry, dict) else None
        shown = f"scope entry {name or place[1] + 1}" + "".join(f", {p}" for p in place[2:])
    message = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        message = "this key is not known; see `tocsin schema notice`"
    return f"{shown}: {message}"


def write_notice(notice: Notice) -> str:
    """Return a notice as YAML that reads back equal."""
    tree = notice.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=100)
