# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import socket
import time

import pytest

from ansible_collections.frontline.entra.plugins.module_utils import _connecting
from ansible_collections.frontline.entra.plugins.module_utils._connecting import CannotConnect, connect, interleave

NODELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@pytest.fixture(name="listener")
def fixture_listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture(name="silent")
def fixture_silent():
    """A port whose backlog is full: it answers no further connection, as an address that swallows packets."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _connection in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(server.getsockname())
        yield server.getsockname()[1]


@pytest.fixture(name="addresses")
def fixture_addresses(monkeypatch):
    """Resolves every name to these ports of 127.0.0.1."""

    def have(*ports):
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]
        monkeypatch.setattr(_connecting.socket, "getaddrinfo", lambda *_arguments: found)

    return have


def test_a_connection_is_made_with_its_options(listener):
    with connect("127.0.0.1", listener.getsockname()[1], 5.0, [NODELAY]) as made:
        assert made.getpeername() == listener.getsockname()
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_silent_address_costs_little_time(listener, silent, addresses):
    addresses(*[silent] * 7, listener.getsockname()[1])
    begin = time.monotonic()
    connect("host.example", 443, 10.0).close()
    assert time.monotonic() - begin < 5


def test_a_refusing_address_costs_no_time(listener, addresses, closed_port, monkeypatch):
    addresses(*[closed_port] * 7, listener.getsockname()[1])
    monkeypatch.setattr(_connecting, "STAGGER", 5)
    begin = time.monotonic()
    connect("host.example", 443, 10.0).close()
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize("count", [1, 2, 8])
def test_connecting_is_limited_as_a_whole(silent, addresses, count):
    addresses(*[silent] * count)
    begin = time.monotonic()
    with pytest.raises(CannotConnect, match=f"{count} of {count} addresses did not answer in 0.6 s"):
        connect("host.example", 443, 0.6)
    assert 0.5 < time.monotonic() - begin < 4  # one after the other, eight take 4.8


def test_errors_of_addresses_are_counted(silent, addresses, closed_port):
    addresses(silent, closed_port, silent, closed_port)
    with pytest.raises(CannotConnect) as caught:
        connect("host.example", 443, 0.6)
    assert str(caught.value) == "2 of 4 addresses did not answer in 0.6 s; Connection refused (2 of 4 addresses)"


def test_families_of_addresses_alternate():
    def address(family, number):
        return (family, 1, 6, "", (str(number), 443))

    six, four = socket.AF_INET6, socket.AF_INET
    found = interleave([address(six, 1), address(six, 2), address(six, 3), address(four, 4), address(four, 5)])
    assert [where[0] for *_rest, where in found] == ["1", "4", "2", "5", "3"]


@pytest.mark.parametrize("host", ["graph.invalid", "a" * 64 + ".example", "graph..example"])
def test_a_name_without_an_address_is_reported(host):
    with pytest.raises(CannotConnect, match="the name has no address"):
        connect(host, 443, 5.0)
