# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Workload identity federation: a token of another issuer, exchanged for one of Graph."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from .._errors import InvalidOptions
from ._application import Application
from ._certificate import read_file
from ._login import Login
from ._token import claims_of
from ._way import SHARED, Option, Way

LARGEST_TOKEN_FILE = 64 * 1024

_MISMATCHES = (
    *("AADSTS70021", "AADSTS70025", "AADSTS700211", "AADSTS700212", "AADSTS700213"),
    *("AADSTS7002131", "AADSTS7002137", "AADSTS7002138"),
)
"""Refusals because no federated credential of the application is for this token."""

_PRESENTED = {"iss": "issuer", "sub": "subject", "aud": "audience"}
"""The claims to compare. They are no secret: the configuration of each federated credential repeats them."""


class WorkloadIdentity(Application):
    def __init__(self, login: Login, tenant_id: str, client_id: str, token: str | None, path: str | None) -> None:
        """Reads a file once, to fail early. Raises InvalidOptions when it cannot be read or holds no JWT."""

        def assertion() -> str:
            # A file is read for each login: whatever wrote it renews it.
            self._assertion = parse_jwt("federated_token", token) if token else _read(path or "")
            login.conceal(self._assertion)
            return self._assertion

        assertion()
        super().__init__(login, tenant_id, client_id, {"client_assertion": assertion})

    def _more(self, code: str | None) -> Iterable[str]:
        yield from super()._more(code)
        if code in _MISMATCHES:
            yield _presented(self._assertion)


def _presented(assertion: str) -> str:
    claims = claims_of(assertion)
    shown = ", ".join(
        f"{name} {json.dumps(claims[claim], ensure_ascii=False)[:400]}"
        for claim, name in _PRESENTED.items()
        if claim in claims
    )
    return f"The token has: {shown or 'no readable claims'}."


def _read(path: str) -> str:
    data = read_file("federated_token_file", path, LARGEST_TOKEN_FILE)
    return parse_jwt("federated_token_file", data.decode("utf-8-sig", "replace"))


def parse_jwt(option: str, text: str) -> str:
    """The one JWT that `text` is. Raises InvalidOptions for anything else, which is not shown."""
    text = text.strip().lstrip("\ufeff")
    if text[:1] in ("{", "["):
        raise InvalidOptions(f"'{option}' holds JSON, not a token. Give the value of the field with the token alone.")
    if not re.fullmatch(r"(?a)[\w-]+\.[\w-]+\.[\w-]*", text):
        raise InvalidOptions(f"'{option}' holds no token. It must be one JWT and nothing else.")
    return text


WORKLOAD_IDENTITY = Way(
    name="workload_identity",
    options=(
        Option("federated_token", {"type": "str", "no_log": True}, ("AZURE_FEDERATED_TOKEN",), credential=True),
        Option(
            "federated_token_file",
            # Ansible takes it for a secret by its name.
            {"type": "path", "no_log": False},
            ("AZURE_FEDERATED_TOKEN_FILE",),
            credential=True,
        ),
    ),
    needs=SHARED,
    build=lambda login, value: WorkloadIdentity(
        login, value["tenant_id"], value["client_id"], value["federated_token"], value["federated_token_file"]
    ),
)
