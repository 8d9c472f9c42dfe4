"""The manifest of a generation: what it is made of, and the id that proves it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from qa_service.errors import GenerationMismatch

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is made of.

    Attributes:
        schema_version: of the whole folder format; readers refuse others.
        built_at: ISO 8601 time in UTC, to the microsecond, so that no two generations share an id.
        encoder: name, weight_hash, number_format (absent: float32) and dimension of the model that made the
            vectors; those taken over from an older generation may be of another format (docs/SPEED.md).
        files: relative path → {"sha256": hex, "size": bytes}, for every file but the manifest.
        parent: id of the generation that answered when this one was written.
    """

    schema_version: int
    built_at: str
    parent: str | None
    encoder: Mapping[str, Any]
    chunker: Mapping[str, Any]
    counts: Mapping[str, int]
    files: Mapping[str, Mapping[str, Any]]

    @property
    def vector_index(self) -> str:
        """How vectors are searched: exact compares all, ivf-sq8 looks through lists of 8-bit copies first."""
        return "ivf-sq8" if "vectors.ivf" in self.files else "exact"

    def to_bytes(self) -> bytes:
        """Return the canonical JSON that is stored and hashed."""
        return (json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Manifest":
        """Parse a manifest whose hash was checked.

        Raises:
            GenerationMismatch: written by another version of the service.
        """
        values = json.loads(stored)
        if values.get("schema_version") != SCHEMA_VERSION:
            raise GenerationMismatch(
                f"The index has schema version {values.get('schema_version')}, this service reads"
                f" {SCHEMA_VERSION}. Run `qa-service reindex SOURCE…` to build a new generation."
            )
        return cls(**values)


def generation_id(manifest: Manifest) -> str:
    """Return the id that proves `manifest`: its time and the first 64 bits of its SHA-256."""
    when = datetime.fromisoformat(manifest.built_at).astimezone(UTC)
    return f"{when:%Y%m%dT%H%M%SZ}-{hashlib.sha256(manifest.to_bytes()).hexdigest()[:16]}"
