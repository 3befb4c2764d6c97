# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that cannot be reached, do not answer, or hang."""

from __future__ import annotations

import socket
import time

import pytest
import trustme

from integration.servers import tls_server
from integration.tenants import make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2),
    {"count": 30, "name": "worker{n:02}@contoso.example", "mobile": "+44 1632960{n:03}"},
    groups=[{"name": "Frontline", "members": ["anna@contoso.example"]}],
)
ANNA = "anna@contoso.example"
WORKERS = [f"worker{number:02}@contoso.example" for number in range(1, 31)]


def drip_a_head(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    end = time.monotonic() + 10
    while time.monotonic() < end:
        connection.sendall(b"X-Header: x\r\n")
        time.sleep(0.05)


@pytest.mark.covers("M17", "N1")
@pytest.mark.parametrize(
    ("limits", "reason"),
    [({"run_timeout": 1}, "incomplete"), ({"request_timeout": 0.5}, "unreachable")],
    ids=["of the run", "of a request"],
)
def test_an_endless_head_of_a_login_answer_times_out(module, simulator, tmp_path, limits, reason):
    authority = trustme.CA()
    (tmp_path / "ca.pem").write_bytes(simulator.ca_file.read_bytes() + authority.cert_pem.bytes())

    with tls_server(authority.issue_cert("localhost"), drip_a_head) as url:
        result = module(users=[ANNA], authority_host=url, ca_path=str(tmp_path / "ca.pem"), **limits)

    assert result["reason"] == reason and result["requests"]["seconds"] < 6


@pytest.fixture
def absent_host(closed_port):
    return f"https://localhost:{closed_port}"


@pytest.fixture
def silent_host():
    """Accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        yield f"https://localhost:{listener.getsockname()[1]}"


@pytest.mark.covers("M17", "N1", "N2")
@pytest.mark.parametrize("option", ["graph_url", "authority_host"])
@pytest.mark.parametrize("where", ["absent_host", "silent_host", "talkative_host", "https://graph.invalid"])
@pytest.mark.parametrize("many", [False, True], ids=["one user", "many users"])
def test_an_unreachable_host_is_reported_in_time(simulator, module, request, option, where, many):
    url = where if "://" in where else request.getfixturevalue(where)
    started = time.monotonic()

    result = module(users=WORKERS if many else [ANNA], request_timeout=1, **{option: url})

    assert time.monotonic() - started < 10
    assert result["reason"] == "unreachable" and not result["changed"]
    assert url.removeprefix("https://") in result["msg"]
    assert ("The login" if option == "authority_host" else "Microsoft Graph") in result["msg"]
    assert set(result.reasons.values()) == {"skipped"}
    assert simulator.calls() == [] and simulator.tokens_asked() == (1 if option == "graph_url" else 0)


@pytest.mark.covers("M17")
def test_a_hanging_host_does_not_exceed_run_timeout(simulator, module, silent_host):
    result = module(users=WORKERS, graph_url=silent_host, run_timeout=1)

    assert result["reason"] in ("unreachable", "incomplete") and result["requests"]["seconds"] < 6
    assert result["summary"]["skipped"] == len(WORKERS)


@pytest.mark.covers("M17")
def test_a_hanging_read_times_out_and_is_retried(simulator, module):
    simulator.inject({"match": {"method": "GET"}, "skip": 1, "then": {"hang": 20}})

    result = module(users=[ANNA], request_timeout=0.5)

    assert result["changed"] and result["reason"] is None
    assert 0.5 <= result["requests"]["seconds"] < 6
    assert [write.effect for write in simulator.writes()] == [True]


@pytest.mark.covers("M17", "M3", "S4")
@pytest.mark.parametrize("then", [{"hang": 20}, {"delay": 0.9}], ids=["for ever", "longer than we wait"])
def test_a_hanging_write_is_verified_by_reading(simulator, module, then):
    simulator.inject({"match": {"method": "POST"}, "then": then})

    result = module(users=[ANNA], request_timeout=0.5)

    assert result["changed"] and result["reason"] is None
    assert sum(write.effect for write in simulator.writes()) == 1
    assert result["requests"]["seconds"] < 6


def drip_a_body(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.02)


@pytest.fixture
def dripping_host(simulator, tmp_path):
    """Answers one byte at a time, over TLS; `ca.pem` trusts it and the simulator."""
    authority = trustme.CA()
    (tmp_path / "ca.pem").write_bytes(simulator.ca_file.read_bytes() + authority.cert_pem.bytes())
    with tls_server(authority.issue_cert("localhost"), drip_a_body) as url:
        yield url


@pytest.mark.covers("M17", "N1")
def test_a_dripping_answer_times_out(dripping_host, module, tmp_path):
    result = module(users=[ANNA], graph_url=dripping_host, ca_path=str(tmp_path / "ca.pem"), request_timeout=0.5)

    assert result["reason"] == "unreachable" and "did not answer in time" in result["msg"]
    assert 0.5 <= result["requests"]["seconds"] < 6
