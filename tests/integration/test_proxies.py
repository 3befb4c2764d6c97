# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proxies of the environment, and `NO_PROXY`."""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import struct
import threading

import pytest

from integration.tenants import make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2),
    {"count": 30, "name": "worker{n:02}@contoso.example", "mobile": "+44 1632960{n:03}"},
    groups=[{"name": "Frontline", "members": ["anna@contoso.example"]}],
)
ANNA = "anna@contoso.example"


class Proxy(socketserver.ThreadingTCPServer):
    """A proxy that knows CONNECT. `asked` lists the host:port of each request; `answer` refuses with that status, and
    resets the connection if it is None.
    """

    daemon_threads = True

    def __init__(self, answer="200 Connection established"):
        self.asked = []
        self.answer = answer
        super().__init__(("127.0.0.1", 0), Tunnel)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Tunnel(socketserver.StreamRequestHandler):
    def handle(self):
        words = self.rfile.readline().split()
        while self.rfile.readline().strip():
            pass
        target = words[1].decode()
        self.server.asked.append(f"{words[0].decode()} {target}")
        if self.server.answer is None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            return
        self.wfile.write(f"HTTP/1.1 {self.server.answer}\r\n\r\n".encode())
        if not self.server.answer.startswith("200"):
            return
        host, port = target.split(":")
        with socket.create_connection((host, int(port))) as far:
            back = threading.Thread(target=pour, args=(far, self.connection), daemon=True)
            back.start()
            pour(self.connection, far)
            back.join()


def pour(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture
def proxy():
    with Proxy() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.covers("M15")
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_in_the_environment_is_used_for_login_and_graph(simulator, module, monkeypatch, proxy, variable):
    monkeypatch.setenv(variable, proxy.url)

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None
    hosts = [url.removeprefix("https://") for url in (simulator.login_url, simulator.graph_url)]
    assert {request.split()[1] for request in proxy.asked} == set(hosts)
    assert {request.split()[0] for request in proxy.asked} == {"CONNECT"}, "the token passes encrypted"


@pytest.mark.covers("M15")
@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
@pytest.mark.parametrize("hosts", ["localhost", "example.org, localhost", "*", "{graph},{login}"])
def test_no_proxy_is_respected(simulator, module, monkeypatch, proxy, variable, hosts):
    graph, login = (url.removeprefix("https://") for url in (simulator.graph_url, simulator.login_url))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv(variable, hosts.format(graph=graph, login=login))

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None
    assert proxy.asked == []


@pytest.mark.covers("M15")
def test_no_proxy_can_name_one_host(simulator, module, monkeypatch, proxy):
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", simulator.login_url.removeprefix("https://"))

    assert module(users=[ANNA])["changed"]
    assert {request.split()[1] for request in proxy.asked} == {simulator.graph_url.removeprefix("https://")}


@pytest.mark.covers("M15", "N2")
@pytest.mark.parametrize("answer", ["407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway", None])
def test_a_refusing_proxy_is_named(simulator, module, monkeypatch, proxy, answer):
    proxy.answer = answer
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)

    result = module(users=[ANNA])

    assert result["reason"] == "unreachable" and "HTTPS_PROXY" in result["msg"]
    assert simulator.journal() == [] and result["requests"]["seconds"] < 3


@pytest.mark.covers("M15", "M23")
def test_a_password_in_the_address_of_a_proxy_is_not_shown(simulator, module, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://squid:pa55word-of-the-proxy@127.0.0.1:9")

    result = module(users=[ANNA])

    assert result["reason"] == "unreachable"
    assert "pa55word" not in json.dumps(result) and simulator.journal() == []


@pytest.mark.covers("M15", "M23")
@pytest.mark.parametrize("credential", ["client_secret", "access_token"])
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "all_proxy"])
@pytest.mark.parametrize(
    "form",
    [
        "http://squid:{}/x@127.0.0.1:9",
        "http://squid:{}#1@127.0.0.1:9",
        "http://squid:{}?1@127.0.0.1:9",
        "http://squid:{}[1@127.0.0.1:9",
        "http://squid:{}\u20ac@127.0.0.1:9",
        "http://squid:{}@127.0.0.1:99999",
        "http://squid:{}@127.0.0.1:port",
        "http://squid:{}@",
        "http://squid:{}",
        "socks://squid:{}@127.0.0.1:9",
        "socks9://squid:{}@127.0.0.1:9",
        "ftp://squid:{}@127.0.0.1:9",
    ],
)
def test_an_invalid_proxy_is_reported_by_its_variable_and_never_shown(
    simulator, module, monkeypatch, credential, variable, form
):
    monkeypatch.setenv(variable, form.format("pa55word-of-the-proxy"))
    signed_in = {} if credential == "client_secret" else {"client_secret": None, "access_token": simulator.token()}

    result = module(users=[ANNA], **signed_in)

    assert result["reason"] == "invalid_options" and variable in result["msg"]
    assert "pa55word" not in json.dumps(result) and "squid" not in result["msg"]
    assert simulator.journal() == [] and result["requests"]["sent"] == 0


@pytest.mark.covers("M15")
def test_a_plain_proxy_behind_https_is_explained(simulator, module, monkeypatch, talkative_host):
    monkeypatch.setenv("HTTPS_PROXY", talkative_host)

    result = module(users=[ANNA])

    assert result["reason"] == "unreachable" and "Write http://" in result["msg"] and "HTTPS_PROXY" in result["msg"]
    assert simulator.journal() == []
