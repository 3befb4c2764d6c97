# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""M14, M15 and M17: which hosts are spoken to, over which connections, and what happens when they do not answer."""

from __future__ import annotations

import contextlib
import datetime
import json
import socket
import socketserver
import ssl
import struct
import threading
import time

import pytest
import trustme

from graph_simulator import Simulator
from integration.tenants import CONTOSO, READY, person, tenant

TENANT = tenant(
    person("anna", 1),
    person("ben", 2),
    {"count": 30, "name": "worker{n:02}@contoso.example", "mobile": "+44 1632960{n:03}"},
    groups=[{"name": "Frontline", "members": ["anna@contoso.example"]}],
)
ANNA = "anna@contoso.example"
WORKERS = [f"worker{number:02}@contoso.example" for number in range(1, 31)]


@pytest.fixture(scope="module")
def other_host():
    """A host that nobody named: whatever arrives here should not have been sent."""
    with Simulator(CONTOSO) as running:
        yield running


@pytest.fixture
def elsewhere(other_host):
    other_host.clear_journal()
    return other_host


# -- M14 ---------------------------------------------------------------------------------------------------------------


def assert_stayed_at_home(result, elsewhere):
    assert elsewhere.journal() == []
    assert elsewhere.graph_url not in json.dumps({**result, "invocation": None})


@pytest.mark.covers("M14", "L1")
@pytest.mark.parametrize("option", ["groups", "exclude_groups"])
@pytest.mark.parametrize(
    "link",
    [
        "{elsewhere}/v1.0/groups/x/transitiveMembers?$skiptoken=y",
        "{graph}.example.org/v1.0/groups/x/transitiveMembers",
        "https://user@{elsewhere_host}/v1.0/groups",
        "http://{graph_host}/v1.0/groups/x/transitiveMembers",
        "{graph}@{elsewhere_host}/v1.0/groups",
        "{graph}/beta/groups",
        "//{elsewhere_host}/v1.0/groups",
        "/v1.0/groups",
        17,
        {"url": "x"},
    ],
)
def test_a_next_link_to_another_host_is_not_followed(simulator, elsewhere, module, link, option):
    hosts = {
        "graph": simulator.graph_url,
        "elsewhere": elsewhere.graph_url,
        "graph_host": simulator.graph_url.removeprefix("https://"),
        "elsewhere_host": elsewhere.graph_url.removeprefix("https://"),
    }
    link = link.format(**hosts) if isinstance(link, str) else link
    page = {"value": [], "@odata.nextLink": link}
    simulator.inject({"match": {"path": "transitiveMembers"}, "times": None, "then": {"status": 200, "body": page}})

    result = module(**{"users": ["ben@contoso.example"], option: ["Frontline"]})

    assert result["reason"] == "unreachable" and not result["changed"]
    assert "not sent there" in result["msg"]
    assert_stayed_at_home(result, elsewhere)
    assert simulator.writes() == [] and len(simulator.requests("transitiveMembers")) == 1


@pytest.mark.covers("M14", "L1")
def test_a_next_link_that_leads_in_a_circle_ends(simulator, module):
    page = {"value": [], "@odata.nextLink": f"{simulator.graph_url}/v1.0/groups/x/transitiveMembers?$skiptoken=y"}
    simulator.inject({"match": {"path": "transitiveMembers"}, "times": None, "then": {"status": 200, "body": page}})

    result = module(groups=["Frontline"])

    assert result["reason"] == "unreachable" and len(simulator.requests("transitiveMembers")) == 2


@pytest.mark.covers("M14")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("times", [1, None], ids=["once", "always"])
def test_a_redirect_of_a_read_is_not_followed(simulator, elsewhere, module, status, times):
    target = f"{elsewhere.graph_url}/v1.0/users/{ANNA}/authentication/phoneMethods"
    simulator.inject({"match": {"method": "GET"}, "times": times, "then": {"redirect": target, "status": status}})

    result = module(users=[ANNA])

    assert_stayed_at_home(result, elsewhere)
    assert result["reason"] == "unreachable" and "redirect" in result["msg"]
    assert simulator.writes() == [] and not result["changed"]


@pytest.mark.covers("M14")
def test_a_redirect_of_a_batch_is_not_followed(simulator, elsewhere, module):
    match = {"outer": True}
    simulator.inject({"match": match, "times": None, "then": {"redirect": f"{elsewhere.graph_url}/v1.0/$batch"}})

    result = module(users=WORKERS)

    assert_stayed_at_home(result, elsewhere)
    assert result["reason"] == "unreachable" and simulator.writes() == []


@pytest.mark.covers("M14")
def test_a_redirect_of_a_write_is_not_followed_and_the_state_tells_what_became_of_it(simulator, elsewhere, module):
    redirect = {"redirect": f"{elsewhere.graph_url}/v1.0/users/{ANNA}", "status": 307, "apply": True}
    simulator.inject({"match": {"method": "POST"}, "then": redirect})

    result = module(users=[ANNA])

    assert_stayed_at_home(result, elsewhere)
    assert result["changed"] and result.user("anna")["state"] == READY
    assert [write.effect for write in simulator.writes()] == [True]


@pytest.mark.covers("M14")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_batch_item_that_points_elsewhere_is_not_followed(simulator, elsewhere, module, method):
    target = f"{elsewhere.graph_url}/v1.0/users/{ANNA}/authentication/phoneMethods"
    match = {"kind": "item", "user": ANNA, "method": method}
    simulator.inject({"match": match, "times": None, "then": {"redirect": target}})

    result = module(users=[ANNA, WORKERS[0]], verify_timeout=0.3)

    assert_stayed_at_home(result, elsewhere)
    assert result["reason"] == "some_users_failed"
    assert (result.user("anna")["reason"], result.user("anna")["changed"]) == ("service_error", False)
    assert result.user(WORKERS[0])["changed"]


@pytest.mark.covers("M14")
def test_a_link_inside_of_a_batch_item_is_not_followed(simulator, elsewhere, module):
    body = {
        "@odata.nextLink": f"{elsewhere.graph_url}/v1.0/users/{ANNA}/authentication/phoneMethods",
        "value": [{"id": "3179e48a-750b-4051-897c-87b9720928f7", "phoneType": "mobile", "smsSignInState": "ready"}],
    }
    simulator.inject({"match": {"kind": "item", "user": ANNA}, "then": {"status": 200, "body": body}})

    result = module(users=[ANNA, WORKERS[0]])

    assert_stayed_at_home(result, elsewhere)
    assert result["reason"] is None and not result.user("anna")["changed"]


@pytest.mark.covers("M14", "M16")
@pytest.mark.parametrize("path", ["openid-configuration", "oauth2/v2.0/token"])
def test_a_redirect_of_the_login_is_not_followed(simulator, elsewhere, module, path):
    match = {"kind": "login", "path": path}
    simulator.inject({"match": match, "times": None, "then": {"redirect": f"{elsewhere.login_url}/x", "status": 307}})

    result = module(users=[ANNA])

    assert_stayed_at_home(result, elsewhere)
    assert result["reason"] == "unreachable" and "redirect" in result["msg"]
    assert simulator.calls() == []


# -- M15 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.covers("M15")
@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize("content", ["another authority", "a missing file"])
def test_ca_path_wins_over_the_environment(simulator, elsewhere, module, monkeypatch, variable, content):
    monkeypatch.setenv(variable, str(elsewhere.ca_file) if content == "another authority" else "/missing/ca.pem")

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None


@pytest.mark.covers("M15")
def test_the_environment_names_the_authority_when_no_option_does(simulator, module, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(simulator.ca_file))

    assert module(users=[ANNA], ca_path=None)["changed"]


@pytest.mark.covers("M15", "N1")
@pytest.mark.parametrize("option", [None, "another authority"])
def test_an_untrusted_certificate_ends_the_run_before_anything_is_sent(simulator, elsewhere, module, option):
    result = module(users=[ANNA], ca_path=str(elsewhere.ca_file) if option else None)

    assert result["reason"] == "unreachable" and not result["changed"]
    assert "ca_path" in result["msg"] and "certificate" in result["msg"].lower()
    assert simulator.journal() == [] and result["requests"]["sent"] == 1


@pytest.mark.covers("M15")
def test_an_untrusted_graph_host_gets_no_token(simulator, elsewhere, module):
    result = module(users=[ANNA], graph_url=elsewhere.graph_url)

    assert result["reason"] == "unreachable" and "ca_path" in result["msg"]
    assert simulator.tokens_asked() == 1 and elsewhere.journal() == []


@pytest.mark.covers("M15")
@pytest.mark.parametrize("ca_path", ["/missing/ca.pem", "{folder}/empty.pem", "{folder}/garbage.pem"])
def test_a_ca_file_that_cannot_serve_is_told(simulator, module, tmp_path, ca_path):
    (tmp_path / "empty.pem").touch()
    (tmp_path / "garbage.pem").write_text("no certificate")
    ca_path = ca_path.format(folder=tmp_path)

    result = module(users=[ANNA], ca_path=ca_path)

    assert result["reason"] in ("invalid_options", "unreachable") and "ca_path" in result["msg"]
    assert simulator.journal() == []


@pytest.mark.covers("M15")
@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize("bundle", [None, "another authority"])
def test_validate_certs_can_be_switched_off(simulator, elsewhere, module, monkeypatch, bundle):
    if bundle:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(elsewhere.ca_file))

    result = module(users=[ANNA], ca_path=None, validate_certs=False)

    assert result["changed"] and result["reason"] is None


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
def test_no_proxy_is_honoured(simulator, module, monkeypatch, proxy, variable, hosts):
    graph, login = (url.removeprefix("https://") for url in (simulator.graph_url, simulator.login_url))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv(variable, hosts.format(graph=graph, login=login))

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None
    assert proxy.asked == []


@pytest.mark.covers("M15")
def test_no_proxy_can_be_for_one_host(simulator, module, monkeypatch, proxy):
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", simulator.login_url.removeprefix("https://"))

    assert module(users=[ANNA])["changed"]
    assert {request.split()[1] for request in proxy.asked} == {simulator.graph_url.removeprefix("https://")}


@pytest.mark.covers("M15", "N2")
@pytest.mark.parametrize("answer", ["407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway", None])
def test_a_proxy_that_refuses_is_named(simulator, module, monkeypatch, proxy, answer):
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
def test_a_proxy_address_that_cannot_be_used_is_named_and_never_shown(
    simulator, module, monkeypatch, credential, variable, form
):
    monkeypatch.setenv(variable, form.format("pa55word-of-the-proxy"))
    signed_in = {} if credential == "client_secret" else {"client_secret": None, "access_token": simulator.token()}

    result = module(users=[ANNA], **signed_in)

    assert result["reason"] == "invalid_options" and variable in result["msg"]
    assert "pa55word" not in json.dumps(result) and "squid" not in result["msg"]
    assert simulator.journal() == [] and result["requests"]["sent"] == 0


@pytest.mark.covers("M15", "M23")
@pytest.mark.parametrize("option", ["graph_url", "authority_host"])
def test_a_password_in_the_address_of_a_host_is_not_shown(simulator, module, option):
    result = module(users=[ANNA], **{option: "https://squid:pa55word-of-the-host@localhost"})

    assert result["reason"] == "invalid_options" and f"'{option}'" in result["msg"]
    assert "pa55word" not in result["msg"] and simulator.journal() == []


@pytest.mark.covers("M15")
def test_a_plain_proxy_behind_https_is_explained(simulator, module, monkeypatch, talkative_host):
    monkeypatch.setenv("HTTPS_PROXY", talkative_host)

    result = module(users=[ANNA])

    assert result["reason"] == "unreachable" and "Write http://" in result["msg"] and "HTTPS_PROXY" in result["msg"]
    assert simulator.journal() == []


@pytest.mark.covers("M15")
def test_validation_that_is_off_warns(simulator, module):
    result = module(users=[ANNA], ca_path=None, validate_certs=False)

    assert "'validate_certs' is off" in result.warned and "not verified" in result.warned


@pytest.mark.covers("M15")
@pytest.mark.parametrize("how", ["expired", "future", "host"])
def test_a_certificate_that_is_not_accepted_is_explained_by_its_cause(module, simulator, tmp_path, how):
    now = datetime.datetime.now().astimezone()
    days = datetime.timedelta(days=3)
    authority = trustme.CA()
    (tmp_path / "ca.pem").write_bytes(simulator.ca_file.read_bytes() + authority.cert_pem.bytes())
    certificate, words = {
        "expired": (authority.issue_cert("localhost", not_before=now - 2 * days, not_after=now - days), "has expired"),
        "future": (authority.issue_cert("localhost", not_before=now + days, not_after=now + 2 * days), "clock"),
        "host": (authority.issue_cert("graph.contoso.example"), "graph.contoso.example"),
    }[how]

    with tls_server(certificate) as url:
        result = module(users=[ANNA], graph_url=url, ca_path=str(tmp_path / "ca.pem"))

    assert result["reason"] == "unreachable" and words in result["msg"] and "set 'ca_path'" not in result["msg"]


@contextlib.contextmanager
def tls_server(certificate, serve=lambda connection: None):
    """The address of a server that does `serve(connection)` for each connection over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept():
            while True:
                try:
                    plain, _address = listener.accept()
                except OSError:
                    return
                with contextlib.suppress(OSError), plain, context.wrap_socket(plain, server_side=True) as connection:
                    serve(connection)

        threading.Thread(target=accept, daemon=True).start()
        yield f"https://localhost:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


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
def test_a_login_whose_head_never_ends_is_bounded(module, simulator, tmp_path, limits, reason):
    authority = trustme.CA()
    (tmp_path / "ca.pem").write_bytes(simulator.ca_file.read_bytes() + authority.cert_pem.bytes())

    with tls_server(authority.issue_cert("localhost"), drip_a_head) as url:
        result = module(users=[ANNA], authority_host=url, ca_path=str(tmp_path / "ca.pem"), **limits)

    assert result["reason"] == reason and result["requests"]["seconds"] < 2.5


@pytest.mark.covers("M15")
def test_a_netrc_does_not_replace_the_token(simulator, module, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine localhost login somebody password something\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))

    assert module(users=[ANNA])["changed"]
    assert {entry.authorization for entry in simulator.calls()} == {"ok"}


# -- M17 ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def absent_host(closed_port):
    return f"https://localhost:{closed_port}"


@pytest.fixture
def silent_host():
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        yield f"https://localhost:{listener.getsockname()[1]}"


@pytest.fixture
def talkative_host():
    """Speaks something that is not TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk():
            with contextlib.suppress(OSError):
                while True:
                    connection, _address = listener.accept()
                    connection.sendall(b"220 mail.example ESMTP\r\n")
                    connection.close()

        threading.Thread(target=talk, daemon=True).start()
        yield f"https://localhost:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.covers("M17", "N1", "N2")
@pytest.mark.parametrize("option", ["graph_url", "authority_host"])
@pytest.mark.parametrize("where", ["absent_host", "silent_host", "talkative_host", "https://graph.invalid"])
@pytest.mark.parametrize("many", [False, True], ids=["one user", "many users"])
def test_a_host_that_cannot_be_reached_is_told_within_its_bound(simulator, module, request, option, where, many):
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
def test_a_host_that_hangs_does_not_outlast_the_time_of_the_run(simulator, module, silent_host):
    result = module(users=WORKERS, graph_url=silent_host, run_timeout=1)

    assert result["reason"] in ("unreachable", "incomplete") and result["requests"]["seconds"] < 2
    assert result["summary"]["skipped"] == len(WORKERS)


@pytest.mark.covers("M17")
def test_a_read_that_hangs_once_is_bounded_and_asked_again(simulator, module):
    simulator.inject({"match": {"method": "GET"}, "skip": 1, "then": {"hang": 20}})

    result = module(users=[ANNA], request_timeout=0.5)

    assert result["changed"] and result["reason"] is None
    assert 0.5 <= result["requests"]["seconds"] < 3
    assert [write.effect for write in simulator.writes()] == [True]


@pytest.mark.covers("M17", "M3", "S4")
@pytest.mark.parametrize("then", [{"hang": 20}, {"delay": 0.9}], ids=["for ever", "longer than we wait"])
def test_a_write_that_hangs_is_told_by_reading(simulator, module, then):
    simulator.inject({"match": {"method": "POST"}, "then": then})

    result = module(users=[ANNA], request_timeout=0.5)

    assert result["changed"] and result["reason"] is None
    assert sum(write.effect for write in simulator.writes()) == 1
    assert result["requests"]["seconds"] < 3


@pytest.fixture
def dripping_host(simulator, tmp_path):
    """Answers one byte at a time, over TLS; `ca.pem` trusts it and the simulator."""
    authority = trustme.CA()
    (tmp_path / "ca.pem").write_bytes(simulator.ca_file.read_bytes() + authority.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip():
            with contextlib.suppress(OSError):
                connection = context.wrap_socket(listener.accept()[0], server_side=True)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n")
                while True:
                    connection.sendall(b" ")
                    time.sleep(0.02)

        threading.Thread(target=drip, daemon=True).start()
        yield f"https://localhost:{listener.getsockname()[1]}"


@pytest.mark.covers("M17", "N1")
def test_an_answer_that_comes_in_drips_is_bounded(dripping_host, module, tmp_path):
    result = module(users=[ANNA], graph_url=dripping_host, ca_path=str(tmp_path / "ca.pem"), request_timeout=0.5)

    assert result["reason"] == "unreachable" and "did not answer in time" in result["msg"]
    assert 0.5 <= result["requests"]["seconds"] < 2
