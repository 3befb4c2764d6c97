# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""make conformance counts the results of a client only if the client ran to its end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from conformance import names
from conformance.run import run_client, tenant, write_credentials
from graph_simulator import Service


@pytest.mark.parametrize(
    ("command", "counts"),
    [
        ("echo passed this; echo passed that", (2, 0)),
        ("echo passed this; echo FAILED that; exit 1", (1, 1)),
        ("echo passed this; exit 3", (1, 1)),
        ("echo FAILED this", (0, 1)),
        ("echo nothing was passed", (0, 1)),
        ("exit 0", (0, 1)),
    ],
)
def test_the_results_of_a_client_are_counted(capsys: Any, command: str, counts: tuple[int, int]) -> None:
    assert run_client("a client", ["sh", "-c", command]) == counts
    assert f"{counts[0]} passed, {counts[1]} failed" in capsys.readouterr().out


def test_without_network_namespaces_the_run_uses_the_host_network(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert names.enter(["never started"]) == "unshare was not found"
    assert list(tmp_path.iterdir()) == []
    refusing = tmp_path / "unshare"
    refusing.write_text("#!/bin/sh\necho Operation not permitted >&2; exit 1\n", "utf-8")
    refusing.chmod(0o700)
    assert names.enter(["never started"]) == "Operation not permitted"


def test_the_tenant_has_credentials_of_every_kind(tmp_path: Path) -> None:
    assert Service(tenant()).user_id("$adele@contoso.example")
    write_credentials(tmp_path)
    assert {"app.pem", "app.pfx", "federated.jwt", "wrong-case.jwt"} <= {file.name for file in tmp_path.iterdir()}


def test_a_client_gets_the_addresses_and_the_authority() -> None:
    asks = "import os, urllib.request as net; net.urlopen(os.environ['CONTROL_URL'] + '/journal'); print('passed it')"
    assert run_client("a client", [sys.executable, "-c", asks]) == (1, 0)
