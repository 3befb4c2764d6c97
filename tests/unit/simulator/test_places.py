# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of a simulator, the names in its certificate, and an authority kept in a file."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from graph_simulator import Simulator

TENANT: dict[str, Any] = {"apps": [{"client_id": "app"}]}


def trusted(simulator: Simulator, name: str, ca: Path | None = None, address: str = "127.0.0.1") -> bool:
    """Whether a client that trusts the authority accepts the server as ``name``."""
    context = ssl.create_default_context(cafile=str(ca or simulator.ca_file))
    port = urlsplit(simulator.graph_url).port
    try:
        with socket.create_connection((address, port), 5) as plain, context.wrap_socket(plain, server_hostname=name):
            return True
    except ssl.SSLCertVerificationError:
        return False


@pytest.mark.parametrize(
    ("host", "names", "shown", "identity", "valid", "invalid"),
    [
        ("127.0.0.1", (), "localhost", "127.0.0.1", ["localhost", "127.0.0.1"], ["graph.example"]),
        ("127.0.0.2", (), "localhost", "127.0.0.1", ["localhost", "127.0.0.2"], ["127.0.0.3"]),
        ("0.0.0.0", (), "localhost", "127.0.0.1", ["localhost"], ["0.0.0.0"]),
        ("0.0.0.0", ("sim.example", "192.0.2.1"), "sim.example", "sim.example",
         ["localhost", "sim.example", "192.0.2.1"], ["other.example"]),
        ("localhost", ("192.0.2.1",), "192.0.2.1", "192.0.2.1", ["192.0.2.1"], []),
    ],
)  # fmt: skip
def test_the_certificate_and_the_urls_hold_the_names(
    host: str, names: tuple[str, ...], shown: str, identity: str, valid: list[str], invalid: list[str]
) -> None:
    with Simulator(TENANT, host=host, names=names) as simulator:
        urls = (simulator.graph_url, simulator.login_url, simulator.control_url)
        assert {urlsplit(url).hostname for url in urls} == {shown}
        assert urlsplit(simulator.identity_url).hostname == identity
        address = host if host.startswith("127.") else "127.0.0.1"
        assert all(trusted(simulator, name, address=address) for name in valid)
        assert not any(trusted(simulator, name, address=address) for name in invalid)


def test_only_the_chosen_address_is_served() -> None:
    with Simulator(TENANT, host="127.0.0.2") as simulator, pytest.raises(ConnectionRefusedError):
        trusted(simulator, "localhost", address="127.0.0.1")


def test_an_address_of_another_machine_is_an_error() -> None:
    with pytest.raises(OSError, match="assign requested address"):
        Simulator(TENANT, host="192.0.2.1").start()


def test_an_authority_is_kept_in_its_file(tmp_path: Path) -> None:
    kept = tmp_path / "authority.pem"
    with Simulator(TENANT, ca=kept) as first:
        certificate = first.ca_file.read_text("utf-8")
        (tmp_path / "ca.pem").write_text(certificate, "utf-8")
    assert kept.stat().st_mode & 0o777 == 0o600
    content = kept.read_bytes()
    with Simulator(TENANT, ca=kept, names=["sim.example"]) as second:
        assert second.ca_file.read_text("utf-8") == certificate and "PRIVATE" not in certificate
        assert trusted(second, "sim.example", tmp_path / "ca.pem")
    assert kept.read_bytes() == content
    with Simulator(TENANT) as other:
        assert not trusted(other, "localhost", tmp_path / "ca.pem")


@pytest.mark.parametrize("content", ["", "not PEM", "certificate", "key", "broken"])
def test_an_invalid_authority_file_is_refused_and_not_changed(tmp_path: Path, content: str) -> None:
    kept = tmp_path / "authority.pem"
    with Simulator(TENANT, ca=kept):
        good = kept.read_text("utf-8")
    end = good.index("-----BEGIN CERTIFICATE")
    broken = good.replace(good.splitlines()[2], "!" * 10)
    text = {"certificate": good[end:], "key": good[:end], "broken": broken}.get(content, content)
    kept.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"authority\.pem"):
        Simulator(TENANT, ca=kept).start()
    assert kept.read_text("utf-8") == text
