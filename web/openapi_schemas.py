"""JSON Schemas of the pydantic models, as the components of the OpenAPI document."""

import json
import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

Json = dict[str, Any]
_REF = "#/components/schemas/{model}"


class Schemas:
    """The component schemas of what requests and responses hold.

    Attributes:
        components: schema by name.
    """

    def __init__(self, taken: Iterable[type[BaseModel]], given: Iterable[type[BaseModel]]) -> None:
        modes: list[tuple[type[BaseModel], JsonSchemaMode]] = [
            *((model, "validation") for model in sorted(set(taken), key=_name)),
            *((model, "serialization") for model in sorted(set(given), key=_name)),
        ]
        located, definitions = models_json_schema(modes, ref_template=_REF)
        self._refs: dict[Any, str] = {model: schema["$ref"] for (model, _), schema in located.items()}
        self.components: Json = {name: _plain(schema) for name, schema in definitions["$defs"].items()}
        for model in given:  # clients have to live with fields that come later
            self._open(self._refs[model])

    def ref(self, model: type[BaseModel]) -> Json:
        """Return the reference to the schema of `model`."""
        return {"$ref": self._refs[model]}

    def of(self, model: type[BaseModel]) -> Json:
        """Return the schema of `model`."""
        schema: Json = self.components[self._refs[model].rpartition("/")[2]]
        return schema

    def _open(self, ref: str) -> None:
        """Allow further fields in the schema at `ref` and in those that it uses."""
        schema = self.components[ref.rpartition("/")[2]]
        if schema.pop("additionalProperties", None) is False:
            for found in re.findall(r'"\$ref": "([^"]+)"', json.dumps(schema)):
                self._open(found)


def without_null(schema: Json) -> Json:
    """Return `schema` for a parameter, which can be left out but never be null."""
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) != 1:
        return schema
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    return {**rest, **options[0]}


def _name(model: type[BaseModel]) -> str:
    return model.__name__


def _plain(schema: Any) -> Any:
    """Return `schema` without titles that only repeat the names of fields, and defaults that say nothing."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _plain(item) for name, item in value.items()} if key == "properties" else _plain(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str)) and not (key == "default" and value in (None, []))
    }
