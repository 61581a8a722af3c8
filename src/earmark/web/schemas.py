"""What the JSON of the API looks like, for the OpenAPI description; tests hold answers to it."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}


def ref(name: str) -> Schema:
    """Point to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def many(items: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": items}


def maybe(one: Schema) -> Schema:
    """That, or nothing."""
    return {"anyOf": [one, {"type": "null"}]}


def thing(required: Schema, optional: Schema | None = None) -> Schema:
    """An object with these values and no others."""
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


TAGS: Schema = {"type": "object", "additionalProperties": TEXT}
ANSWER = {"query": TEXT, "model": TEXT, "hits": many(ref("Hit")), "took_ms": NUMBER}
RECORDING = {
    "id": TEXT,
    "self": TEXT,
    "audio": TEXT,
    "video": maybe(TEXT),
    "path": TEXT,
    "root": TEXT,
    "seconds": NUMBER,
    "bytes": WHOLE,
    "changed": NUMBER,
    "tags": TAGS,
    "ucs": maybe(TEXT),
    "away": FLAG,
    "reason": maybe(TEXT),
}
PROGRESS = {
    "files_done": WHOLE,
    "files_total": WHOLE,
    "seconds_done": NUMBER,
    "seconds_total": maybe(NUMBER),
    "speed": NUMBER,
    "left": maybe(NUMBER),
    "took": NUMBER,
}
SCHEMAS: dict[str, Schema] = {
    "Problem": thing(
        {
            "type": TEXT,
            "title": TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": TEXT,
            "hint": TEXT,
        }
    ),
    "Hit": thing(
        {
            "rank": {"type": "integer", "minimum": 1},
            "path": TEXT,
            "start": NUMBER,
            "end": NUMBER,
            "score": {"type": "number", "minimum": -1.01, "maximum": 1.01},
            "confidence": SHARE,
            "duration": NUMBER,
            "tags": TAGS,
        },
        {"away": FLAG, "copies": many(TEXT)},
    ),
    "Links": thing({name: maybe(TEXT) for name in ("id", "self", "audio", "video", "like", "ucs")}),
    "Why": thing(
        {
            "says": many(TEXT),
            "place": WHOLE,
            "score": NUMBER,
            "typical": NUMBER,
            "spread": NUMBER,
            "among": WHOLE,
            "evidence": SHARE,
            "alone": SHARE,
            "unwanted": {"type": "object", "additionalProperties": SHARE},
            "steps": many(ref("Step")),
            "reranked": WHOLE,
            "calibrated": FLAG,
        }
    ),
    "Step": thing({"what": TEXT, "start": NUMBER, "end": NUMBER, "likelihood": SHARE}),
    "Hits": thing(
        ANSWER | {"calibrated": FLAG, "links": many(ref("Links")), "next_offset": maybe(WHOLE)},
        {"why": many(ref("Why")), "read_as": TEXT},
    ),
    "Explanation": thing({"query": TEXT, "hit": ref("Hit"), "why": ref("Why")}),
    "Recording": thing(RECORDING, {"copies": many(TEXT), "pictures": maybe(ref("Pictures"))}),
    "Pictures": thing(
        {
            "codec": TEXT,
            "width": WHOLE,
            "height": WHOLE,
            "rate": maybe(NUMBER),
            "playable": {"enum": ["file", "stretches", "none"]},
            "type": maybe(TEXT),
            "shift": NUMBER,
            "why": maybe(TEXT),
        }
    ),
    "Recordings": thing(
        {"total": WHOLE, "recordings": many(ref("Recording")), "next_after": maybe(WHOLE)}
    ),
    "Curve": thing(
        {
            "kind": {"enum": ["query", "wanted", "unwanted", "word"]},
            "name": TEXT,
            "step": NUMBER,
            "values": many(maybe(NUMBER)),
            "usual": maybe(many(NUMBER)),
        }
    ),
    "Moments": thing(ANSWER | {"calibrated": FLAG, "curves": many(ref("Curve"))}),
    "Saying": thing(
        {
            "words": TEXT,
            "start": NUMBER,
            "end": NUMBER,
            "confidence": SHARE,
            "parts": many(many(NUMBER)),
        }
    ),
    "SaidLine": thing({"start": NUMBER, "end": NUMBER, "text": TEXT}),
    "Description": thing(
        {
            "path": TEXT,
            "model": TEXT,
            "lines": many(ref("SaidLine")),
            "sayings": many(ref("Saying")),
        }
    ),
    "Peaks": thing({"start": NUMBER, "step": NUMBER, "low": many(NUMBER), "high": many(NUMBER)}),
    "JobWish": {
        "type": "object",
        "properties": {
            name: {
                "type": "array",
                "maxItems": 20,
                "items": {"type": "string", "minLength": 1, "maxLength": 4096},
            }
            for name in ("paths", "exclude")
        }
        | {"prune": FLAG},
        "additionalProperties": False,
    },
    "Labels": thing({"file": TEXT, "queries": many(ref("Label"))}),
    "Label": thing({"query": TEXT, "right": WHOLE, "wrong": WHOLE}),
    "LabelHits": thing(
        ANSWER
        | {
            "calibrated": FLAG,
            "links": many(ref("Links")),
            "next_offset": maybe(WHOLE),
            "right": many(maybe(FLAG)),
        },
        {"read_as": TEXT},
    ),
    "Verdict": thing(
        {
            "query": {"type": "string", "minLength": 1, "maxLength": 1_000},
            "id": {"type": "string", "minLength": 1, "maxLength": 30},
            "start": {"type": "number", "minimum": 0, "maximum": 1e7},
            "end": {"type": "number", "minimum": 0, "maximum": 1e7},
            "right": FLAG,
        }
    ),
    "Job": thing(
        {
            "id": TEXT,
            "state": {"enum": ["running", "done", "failed", "cancelled"]},
            "paths": many(TEXT),
            "began": NUMBER,
            "ended": maybe(NUMBER),
            "progress": maybe(thing(PROGRESS)),
            "report": maybe({"type": "object"}),
            "problem": maybe(thing({"detail": TEXT, "hint": TEXT})),
        }
    ),
    "Jobs": thing({"jobs": many(ref("Job"))}),
    "Failed": thing(
        {
            "total": WHOLE,
            "failed": many(thing({"id": TEXT, "path": TEXT, "reason": TEXT})),
            "next_offset": maybe(WHOLE),
        }
    ),
    "Health": thing({"status": {"const": "ok"}}),
    "Status": {
        "type": "object",
        "properties": {"library": TEXT, "recordings": WHOLE, "server": {"type": "object"}},
        "required": ["library", "identity", "roots", "recordings", "failed", "seconds", "server"],
    },
}
