# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares every body that the simulator receives or sends with Microsoft's metadata.

The metadata come as an OpenAPI document, a file that $GRAPH_OPENAPI names. The repository contains none, and
without the variable nothing is compared.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from graph_simulator.errors import GraphError
from graph_simulator.exchange import Call, Reply

NOT_DESCRIBED = {
    "/users",
    "/users/$count",
    "/users/{}",
    "/users/{}/checkMemberGroups",
    "/groups",
    "/groups/$count",
    "/groups/{}",
    "/groups/{}/owners",
    "/groups/{}/members",
    "/groups/{}/members/$count",
    "/groups/{}/members/microsoft.graph.user",
    "/groups/{}/members/microsoft.graph.user/$count",
    "/groups/{}/transitiveMembers",
    "/groups/{}/transitiveMembers/$count",
    "/groups/{}/transitiveMembers/microsoft.graph.user",
    "/groups/{}/transitiveMembers/microsoft.graph.user/$count",
    "/reports/authenticationMethods/userRegistrationDetails",
    "/reports/authenticationMethods/userRegistrationDetails/{}",
    "/$batch",  # not part of the metadata; its items are compared one by one
}
"""Paths that the simulator serves and the document need not describe: counted, and reported at the end of a run."""

_SCHEMAS = "#/components/schemas/"
_ERROR = {"$ref": "#/components/responses/error"}


def metadata() -> dict[str, Any] | None:
    """The document that $GRAPH_OPENAPI names; None without one."""
    name = os.environ.get("GRAPH_OPENAPI")
    return yaml.load(Path(name).read_text("utf-8"), yaml.CSafeLoader) if name else None


class Contract:
    """Observes the exchanges of a simulator, and collects what contradicts the metadata."""

    def __init__(self, document: Mapping[str, Any] | None) -> None:
        """``document`` is an OpenAPI 3.0 document; with None nothing is compared."""
        self.active = document is not None
        self.compared = 0
        self.not_described: Counter[str] = Counter()
        self._violations: list[str] = []
        if document is not None:
            self._document = strict(document)
            self._paths = {tuple(path.split("/")[1:]): item for path, item in self._document["paths"].items()}
            self._registry = Registry().with_resource("graph", DRAFT202012.create_resource(self._document))
            self._validator = cache(self._validator_of)

    def violations(self, *meant: str) -> list[str]:
        """The violations since the last call, each once.

        Those that match a pattern of ``meant`` are left out; a pattern without a match is a violation.
        """
        found, self._violations = list(dict.fromkeys(self._violations)), []
        for pattern in meant:
            others = [violation for violation in found if not re.search(pattern, violation)]
            if self.active and others == found:
                others.append(f"nothing beyond the metadata was seen, although {pattern!r} was meant to be")
            found = others
        return found

    def totals(self) -> dict[str, Any]:
        """The number of comparisons, in a form that can be sent to another process."""
        return {"compared": self.compared, "not_described": dict(self.not_described)}

    def add(self, totals: Mapping[str, Any]) -> None:
        """Add the totals() of another process."""
        self.compared += totals["compared"]
        self.not_described.update(totals["not_described"])

    def see(self, call: Call, reply: Reply) -> None:
        """Compare the request and the answer."""
        self._see(call, reply, asked=True)

    def see_accepted(self, call: Call, reply: Reply) -> None:
        """Compare the answer, and the request unless it was refused: for tests that provoke a refusal."""
        self._see(call, reply, asked=reply.status < 400)

    def _see(self, call: Call, reply: Reply, *, asked: bool) -> None:
        if not self.active:
            return
        template, operation = self._operation(call)
        subject = f"{call.method} {template}"
        if operation is not None:
            if asked:
                self._compare(f"request {subject}", operation.get("requestBody", {}), call.body)
            described = self._response(operation, reply.status)
        elif reply.status >= 400 and b'"responses"' not in reply.content():  # a batch's 424 may come with its items
            described = _ERROR
        elif template in NOT_DESCRIBED:
            self.not_described[subject] += 1
            return
        else:
            self._violations.append(f"{subject}: the document does not describe it")
            return
        # A fault answers wrongly on purpose; of a dropped answer nothing arrives.
        if call.fault is None and not reply.drop:
            if described is None:
                self._violations.append(f"{subject}: the document has no answer with status {reply.status}")
            else:
                self._compare(
                    f"answer {reply.status} {subject}", {} if reply.status == 204 else described, reply.content()
                )

    def _operation(self, call: Call) -> tuple[str, dict[str, Any] | None]:
        """The path as the document or NOT_DESCRIBED writes it, else as it came; and its operation there."""
        try:
            segments = call.segments
        except GraphError:
            return call.path, None
        if segments[0].lower() == "me":
            segments = ("users", "me", *segments[1:])
        for template, item in self._paths.items():
            if _fits(template, segments):
                return f"/{'/'.join(template)}", item.get(call.method.lower())
        known = (path for path in NOT_DESCRIBED if _fits(tuple(path.split("/")[1:]), segments))
        return next(known, call.path), None

    def _response(self, operation: Mapping[str, Any], status: int) -> Mapping[str, Any] | None:
        responses: Mapping[str, Any] = operation["responses"]
        return responses.get(str(status)) or responses.get(f"{status // 100}XX")

    def _compare(self, subject: str, described: Mapping[str, Any], content: bytes | None) -> None:
        """A body against a requestBody or response object of the document."""
        if "$ref" in described:
            described = self._document["components"]["responses"][described["$ref"].rpartition("/")[2]]
        self.compared += 1
        if not described.get("content"):
            # An action without parameters takes an empty object too, and in a batch needs one.
            if content and content != b"{}":
                self._violations.append(f"{subject}: the document has no body here")
            return
        if "application/json" not in described["content"]:
            return  # a number in plain text
        try:
            body = json.loads(content or b"")
        except ValueError:
            self._violations.append(f"{subject}: the body is no JSON")
            return
        if isinstance(body, dict) and isinstance(error := body.get("error"), dict) and "innererror" in error:
            error["innerError"] = error.pop("innererror")  # the service uses either spelling
        for place, wrong in self._wrong(json.dumps(described["content"]["application/json"]["schema"]), body):
            self._violations.append(f"{subject}: {place}: {wrong}")

    def _wrong(self, schema: str, body: Any) -> Iterator[tuple[str, str]]:
        errors = list(self._validator(schema).iter_errors(body))
        for error in errors:
            path = list(error.absolute_path)
            # All properties of an object are reported as unexpected when one of them is wrong.
            inside = any(path == list(other.absolute_path)[: len(path)] for other in errors if other is not error)
            if not inside or error.validator != "unevaluatedProperties":
                while error.context:  # of a nullable value: why it is not the value
                    error = error.context[0]
                yield error.json_path, error.message

    def _validator_of(self, schema: str) -> Any:
        absolute = schema.replace('"$ref": "#', '"$ref": "graph#')
        return Draft202012Validator(json.loads(absolute), registry=self._registry)


def _fits(template: tuple[str, ...], segments: tuple[str, ...]) -> bool:
    """Whether segments match a template with {keys}; case does not matter."""
    return len(template) == len(segments) and all(
        wanted.startswith("{") or wanted.lower() == segment.lower()
        for wanted, segment in zip(template, segments, strict=True)
    )


def strict(document: Mapping[str, Any]) -> dict[str, Any]:
    """An OpenAPI 3.0 document with its schemas as JSON Schema 2020-12 that refuse what they do not name.

    Each use of a named schema becomes one of its closed form: no other properties than its own, those it inherits,
    those of the subtype that @odata.type names, and annotations. A schema that others inherit from stays open.
    """
    schemas: Mapping[str, Any] = document["components"]["schemas"]
    return {
        **_converted(document),
        "closed": {name: _closed(name, schema) for name, schema in schemas.items()},
    }


def _closed(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    use: dict[str, Any] = {"$ref": f"{_SCHEMAS}{name}"}
    if "enum" in schema:
        return use
    subtypes: Mapping[str, str] = schema.get("x-discriminator", {}).get("mapping", {})
    if own := schema.get("x-ms-discriminator-value"):
        use["properties"] = {"@odata.type": {"enum": [own, *subtypes]}}
    use["allOf"] = [
        {"if": {"properties": {"@odata.type": {"const": kind}}, "required": ["@odata.type"]}, "then": {"$ref": subtype}}
        for kind, subtype in subtypes.items()
    ]
    return {**use, "patternProperties": {r"@odata\.": {}}, "unevaluatedProperties": False}


def _converted(node: Any, inherited: bool = False) -> Any:
    """OpenAPI 3.0 converted to JSON Schema, with references to named schemas as closed ones."""
    if isinstance(node, list):
        return [_converted(one, inherited) for one in node]
    if not isinstance(node, Mapping):
        return node
    if node == {"type": "object", "nullable": True}:
        return {"type": "null"}
    result = {key: _converted(value, key == "allOf") for key, value in node.items()}
    if node.get("nullable") is True and "type" in node:
        result["type"] = [node["type"], "null"]
    reference = node.get("$ref", "")
    if reference.startswith(_SCHEMAS) and not inherited:
        result["$ref"] = f"#/closed/{reference.removeprefix(_SCHEMAS)}"
    return result
