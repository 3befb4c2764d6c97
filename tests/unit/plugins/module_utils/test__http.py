# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import contextlib
import datetime
import gzip
import pathlib
import select
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
import trustme
import urllib3

from ansible_collections.frontline.entra.plugins.module_utils import _connecting, _http, _trust
from ansible_collections.frontline.entra.plugins.module_utils._errors import InvalidOptions
from ansible_collections.frontline.entra.plugins.module_utils._http import (
    CONNECT,
    DROPPED,
    INVALID,
    PROXY,
    REDIRECT,
    TIMEOUT,
    TLS,
    Answer,
    NoAnswer,
    Session,
)

VARIABLES = (
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "SSLKEYLOGFILE",
    "NETRC",
)


@pytest.fixture(name="environment", autouse=True)
def fixture_environment(monkeypatch):
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    return monkeypatch


@pytest.fixture(name="authority", scope="module")
def fixture_authority():
    return trustme.CA()


@pytest.fixture(name="ca_path", scope="module")
def fixture_ca_path(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


class Server:
    """Answers each connection over TLS with what `serve(connection, request)` sends, on a port of its own."""

    def __init__(self, authority, serve, host="localhost", receive=None, newest_tls=None, **certificate):
        self.requests = []
        self._receive = receive or read_request
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"https://localhost:{self.port}"
        self._context = None
        if authority is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(host, **certificate).configure_cert(self._context)
            if newest_tls:
                self._context.minimum_version = self._context.maximum_version = newest_tls
                self._context.set_ciphers("ALL:@SECLEVEL=0")
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self):
        # Closing alone would not wake the thread that accepts.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _accept(self):
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            # Tests include clients that disconnect or refuse the certificate.
            with contextlib.suppress(OSError), connection:
                connection.settimeout(10)
                tls = self._context.wrap_socket(connection, server_side=True) if self._context else connection
                with contextlib.suppress(OSError), tls:
                    request = self._receive(tls)
                    self.requests.append(request)
                    self._serve(tls, request)


def read_request(connection):
    """The request line, the headers and the body."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            break
        data += piece
    head, _end, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines[1:])}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    return lines[0], headers, body


def read_something(connection):
    return connection.recv(65536)


def response(body=b"", status="200 OK", **headers):
    """The bytes of an HTTP answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    headers = {"Content-Length": str(len(body)), "Connection": "close", **named}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.fixture(name="server")
def fixture_server(authority):
    """Starts servers; they are stopped at the end of the test."""
    with contextlib.ExitStack() as stack:

        def start(serve, **options):
            if isinstance(serve, bytes):
                data = serve

                def serve(connection, request):
                    connection.sendall(data)

            found = Server(options.pop("authority", authority), serve, **options)
            stack.callback(found.close)
            return found

        yield start


@pytest.fixture(name="fetch")
def fetch_fixture(ca_path):
    def fetch(server, verify=ca_path, timeout=5.0, method="GET", path="/", **request):
        with Session(verify, timeout, 1) as session:
            return session.fetch(method, server.url + path, **request)

    return fetch


def failure(fetch, server, **request):
    with pytest.raises(NoAnswer) as caught:
        fetch(server, **request)
    return caught.value


@pytest.fixture(name="nowhere")
def fixture_nowhere(closed_port):
    """A server that does not listen."""
    return SimpleNamespace(url=f"https://localhost:{closed_port}")


# -- requests and answers


def test_an_answer_is_read_completely(server, fetch):
    found = server(response('{"a": "\u00e4"}'.encode(), "404 Not Found", Request_Id="theirs", Retry_After="7"))
    answer = fetch(found)
    assert (answer.status, answer.json()) == (404, {"a": "\u00e4"})
    assert (answer.headers["request-id"], answer.headers["retry-after"]) == ("theirs", "7")


def test_a_request_is_sent_unchanged(server, fetch):
    found = server(response(b"", "204 No Content"))
    answer = fetch(
        found,
        method="POST",
        path="/v1.0/users/a%23b%2Fc/x?y=%27",
        headers={"Authorization": "Bearer t"},
        data='{"a": 1}',
    )
    assert (answer.status, answer.text, answer.json()) == (204, "", None)
    line, headers, body = found.requests[0]
    assert line == "POST /v1.0/users/a%23b%2Fc/x?y=%27 HTTP/1.1"
    assert headers["authorization"] == "Bearer t"
    assert headers["user-agent"].startswith("frontline.entra/")
    assert body == b'{"a": 1}'


def test_forms_and_parameters_are_encoded(server, fetch):
    found = server(response())
    fetch(found, method="POST", data={"secret": "a&b"}, params={"q": "c d"})
    line, _headers, body = found.requests[0]
    assert (line, body) == ("POST /?q=c+d HTTP/1.1", b"secret=a%26b")


def test_a_post_without_a_body_has_length_zero(server, fetch):
    found = server(response())
    fetch(found, method="POST")
    assert found.requests[0][1]["content-length"] == "0"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{}", {}),
        ("[1]", [1]),
        ("", None),
        ("<html>", None),
        ('{"a": ', None),
        ("[" * 100_000, None),
        ("\ufeff{}", None),
    ],
)
def test_a_body_that_is_not_json_is_none(text, value):
    assert Answer(200, {}, text).json() == value


def test_compressed_chunked_and_broken_texts_are_read(server, fetch):
    packed = gzip.compress(b'{"a": 1}')
    assert fetch(server(response(packed, Content_Encoding="gzip"))).json() == {"a": 1}
    chunked = (
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n4\r\n{"a"\r\n4\r\n: 1}\r\n0\r\n\r\n'
    )
    assert fetch(server(chunked)).json() == {"a": 1}
    assert fetch(server(response(b"\xff{"))).text == "\ufffd{"
    assert fetch(server(response(b"\xef\xbb\xbf{}"))).json() == {}


def test_gzip_is_the_only_accepted_encoding(server, fetch):
    found = server(response())
    fetch(found)
    assert found.requests[0][1]["accept-encoding"] == "gzip"


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip", "gzip,gzip", "identity, gzip", "x" * 500])
def test_another_encoding_is_refused_by_its_name(server, fetch, encoding):
    error = failure(fetch, server(response(gzip.compress(gzip.compress(b"{}")), Content_Encoding=encoding)))
    assert error.kind == DROPPED
    assert f"compressed as '{encoding[:40]}'" in error.message and "which was not requested" in error.message


@pytest.mark.parametrize("encoding", ["identity", "x-gzip", " GZIP "])
def test_names_of_the_same_encoding(server, fetch, encoding):
    body = b"{}" if encoding == "identity" else gzip.compress(b"{}")
    assert fetch(server(response(body, Content_Encoding=encoding))).json() == {}


def test_a_decompression_bomb_is_refused(server, fetch, monkeypatch):
    monkeypatch.setattr(_http, "LARGEST_BODY", 1000)
    assert len(fetch(server(response(gzip.compress(b"x" * 1000), Content_Encoding="gzip"))).text) == 1000
    error = failure(fetch, server(response(gzip.compress(b"x" * 50_000_000), Content_Encoding="gzip")))
    assert error.kind == DROPPED and "too large" in error.message


def test_a_truncated_compressed_answer_is_refused(server, fetch):
    error = failure(fetch, server(response(gzip.compress(b"{}" * 1000)[:-9], Content_Encoding="gzip")))
    assert error.kind == DROPPED and "not complete" in error.message


def test_an_error_body_has_a_smaller_size_limit(server, fetch, monkeypatch):
    monkeypatch.setattr(_http, "LARGEST_ERROR", 10)
    assert failure(fetch, server(response(b"x" * 11, "400 Bad Request"))).kind == DROPPED
    assert fetch(server(response(b"x" * 11))).text == "x" * 11


def test_plain_http_is_refused(ca_path, server):
    found = server(response(), authority=None)
    with Session(ca_path, 5.0, 1) as session, pytest.raises(NoAnswer):
        session.fetch("GET", f"http://localhost:{found.port}/")
    assert found.requests == []


def test_cookies_are_not_kept(server, ca_path):
    found = server(response(b"", Set_Cookie="a=b; Secure"))
    with Session(ca_path, 5.0, 1) as session:
        for _time in range(2):
            session.fetch("GET", found.url)
    assert "cookie" not in found.requests[1][1]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_redirect_is_not_followed(server, fetch, status):
    elsewhere = server(response())
    found = server(response(b"", status, Location=elsewhere.url + "/"))
    error = failure(fetch, found, headers={"Authorization": "Bearer t"})
    assert error.kind == REDIRECT
    assert f"localhost:{found.port}" in error.message
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("https://block.example.org:8443/?token=hunter2", "a redirect to block.example.org, which"),
        ("https://hunter2@block.example.org/", "a redirect to block.example.org, which"),
        ("//portal.example.org/hunter2", "a redirect to portal.example.org, which"),
        ("https://12065550142.example.org/hunter2", "a redirect to ********42.example.org, which"),
        ("/hunter2", "a redirect, which"),
        ("https://<hunter2>/", "a redirect, which"),
    ],
)
def test_a_redirect_names_the_host_it_leads_to_and_what_to_check(server, fetch, location, words):
    message = failure(fetch, server(response(b"", "302 Found", Location=location))).message
    assert words in message and "HTTPS_PROXY" in message
    assert "hunter2" not in message and "2065550142" not in message


@pytest.mark.parametrize("location", [b"/\xff\xfe", b"http://[::1", b"", b"\xe4\xb8\xad", b"https://x:port/"])
def test_a_redirect_without_a_valid_location_is_a_redirect(server, fetch, location):
    head = b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"
    assert failure(fetch, server(head)).kind == REDIRECT


def test_the_body_of_a_redirect_is_not_read(server, fetch):
    sent = []

    def flood(connection, _request):
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 400000000\r\n\r\n")
        for _piece in range(400):
            connection.sendall(b"x" * 1_000_000)
            sent.append(1)

    assert failure(fetch, server(flood)).kind == REDIRECT
    assert len(sent) < 100


# -- TLS


def test_an_unknown_authority_is_not_trusted(server, fetch):
    found = server(response())
    error = failure(fetch, found, verify=True)
    assert error.kind == TLS
    assert "'ca_path'" in error.message
    assert found.requests == []


def test_another_authority_is_not_trusted(server, fetch):
    assert failure(fetch, server(response(), authority=trustme.CA())).kind == TLS


def test_a_certificate_for_another_host_is_not_trusted(server, fetch):
    assert failure(fetch, server(response(), host="graph.contoso.example")).kind == TLS


def test_a_port_without_tls_is_not_trusted(server, fetch):
    plain = server(response(b"plain", "400 Bad Request"), authority=None, receive=read_something)
    error = failure(fetch, plain)
    assert error.kind == TLS and "answers without TLS" in error.message and "ca_path" not in error.message


def now_and(**more):
    return datetime.datetime.now().astimezone() + datetime.timedelta(**more)


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ({"not_before": now_and(days=2), "not_after": now_and(days=9)}, "is not valid yet"),
        ({"not_before": now_and(days=-9), "not_after": now_and(days=-2)}, "has expired"),
    ],
)
def test_a_certificate_that_is_not_valid_now_points_to_the_clock(server, fetch, certificate, words):
    error = failure(fetch, server(response(), **certificate))
    assert error.kind == TLS and words in error.message and "clock of this machine says 20" in error.message
    assert "ca_path" not in error.message


def test_a_certificate_for_other_names_lists_them(server, fetch):
    found = server(response(), host="graph.contoso.example")
    error = failure(fetch, found)
    assert "other names: graph.contoso.example" in error.message and "ca_path" not in error.message
    assert found.requests in ([], [("", {}, b"")]), "nothing was sent"


@pytest.mark.parametrize(("host", "kind"), [("127.0.0.1", None), ("localhost", TLS)])
def test_a_host_that_is_an_address_is_compared_as_such(server, fetch, host, kind):
    found = server(response(b"{}"), host=host)
    found.url = f"https://127.0.0.1:{found.port}"
    if kind is None:
        assert fetch(found).json() == {}
    else:
        assert failure(fetch, found).kind == kind


def test_an_unknown_authority_counts_the_known_ones(server, fetch, ca_path):
    stranger = server(response(), authority=trustme.CA())
    assert (
        "None of the authorities in 'ca_path' (1) signed it. Add the root that did" in failure(fetch, stranger).message
    )


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_old_version_of_tls_is_refused(server, fetch, version):
    found = server(response(), newest_tls=version)
    assert failure(fetch, found).kind in (TLS, DROPPED) and found.requests == []


def test_the_oldest_tls_version_is_set_explicitly():
    assert _trust.Trust(True).context.minimum_version == ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    ("own", "strict"), [(False, sys.version_info >= (3, 13)), (True, False)], ids=["public authorities", "ca_path"]
)
def test_an_authority_in_ca_path_may_break_the_strict_rules(ca_path, own, strict):
    context = _trust.Trust(ca_path if own else True).context
    assert bool(context.verify_flags & ssl.VERIFY_X509_STRICT) is strict


def test_the_strict_rules_are_named():
    trust = _trust.Trust(True)
    trust.context.verify_flags |= ssl.VERIFY_X509_STRICT
    error = ssl.SSLCertVerificationError(1, "x")
    error.verify_code, error.verify_message = 85, "Missing Authority Key Identifier"
    message = trust.explain("graph.contoso.example", error, True)
    assert "Missing Authority Key Identifier" in message and "Python 3.13" in message and "set 'ca_path'" in message


def test_session_keys_are_written_to_no_file(server, fetch, environment, tmp_path):
    for path in (tmp_path / "keys", tmp_path / "missing" / "keys"):
        environment.setenv("SSLKEYLOGFILE", str(path))
        assert fetch(server(response(b"{}"))).json() == {}
        assert not path.exists()


def test_verification_can_be_turned_off(server, fetch, recwarn):
    assert fetch(server(response(b"{}"), authority=trustme.CA(), host="other.example"), verify=False).json() == {}
    assert not [warning for warning in recwarn if "Insecure" in warning.category.__name__]


def test_a_connection_that_ends_while_tls_begins_broke(server, fetch):
    found = server(lambda connection, request: None, authority=None, receive=read_something)
    assert failure(fetch, found).kind == DROPPED


def test_a_ca_file_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(InvalidOptions, match="'ca_path'"):
        Session(str(tmp_path / "missing.pem"), 5.0, 1)


@pytest.mark.parametrize("content", [b"", b"0\x82\x03\x01DER", b"-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----\n"])
def test_a_ca_file_of_another_format_is_refused_with_a_plain_message(tmp_path, content):
    (tmp_path / "root.cer").write_bytes(content)
    with pytest.raises(InvalidOptions, match="cannot be used: it holds no certificate in PEM"):
        Session(str(tmp_path / "root.cer"), 5.0, 1)


def test_an_endless_ca_file_is_refused():
    with pytest.raises(InvalidOptions, match="'ca_path'"):
        Session("/dev/zero", 5.0, 1)


@pytest.mark.parametrize("form", ["\ufeff{}", "# \u00c9tat\n{}", "{}\r\n# end"])
def test_text_around_a_certificate_is_ignored(server, fetch, ca_path, tmp_path, form):
    path = tmp_path / "ca.pem"
    path.write_text(form.format(pathlib.Path(ca_path).read_text(encoding="ascii")), encoding="utf-8")
    assert fetch(server(response(b"{}")), verify=str(path)).json() == {}


@pytest.mark.parametrize("content", ["", "garbage"])
def test_a_ca_file_of_something_else_is_refused(tmp_path, content):
    path = tmp_path / "ca.pem"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidOptions, match="'ca_path'"):
        Session(str(path), 5.0, 1)


def test_authorities_can_be_a_folder(server, fetch, ca_path, tmp_path):
    found = server(response(b"{}"))
    error = failure(fetch, found, verify=str(tmp_path))
    assert error.kind == TLS
    assert "has 0 certificates under hashed names" in error.message and "openssl rehash" in error.message
    command = ["openssl", "x509", "-hash", "-noout", "-in", ca_path]
    name = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    shutil.copy(ca_path, tmp_path / f"{name}.0")
    assert fetch(found, verify=str(tmp_path)).json() == {}


def test_authorities_are_read_once_for_all_connections(server, ca_path, tmp_path):
    path = tmp_path / "ca.pem"
    shutil.copy(ca_path, path)
    with Session(str(path), 5.0, 2) as session:
        path.unlink()
        for _host in range(2):
            assert session.fetch("GET", server(response(b"{}")).url).json() == {}


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_environment_does_not_change_the_trusted_authorities(
    server, fetch, environment, ca_path, tmp_path, variable
):
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    environment.setenv(variable, str(other))
    assert fetch(server(response(b"{}"))).json() == {}
    assert fetch(server(response(b"{}")), verify=False).json() == {}
    environment.setenv(variable, ca_path)
    assert failure(fetch, server(response()), verify=True).kind == TLS


def test_a_netrc_does_not_replace_the_token(server, fetch, environment, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login anna password hunter2\n", encoding="utf-8")
    netrc.chmod(0o600)
    environment.setenv("NETRC", str(netrc))
    environment.setenv("HOME", str(tmp_path))
    found = server(response())
    fetch(found, headers={"Authorization": "Bearer t"})
    fetch(found)
    assert found.requests[0][1]["authorization"] == "Bearer t"
    assert "authorization" not in found.requests[1][1]


# -- no answer


def test_a_closed_port_cannot_be_reached(fetch, nowhere):
    error = failure(fetch, nowhere)
    assert error.kind == CONNECT
    assert "Check its name, the port and the network" in error.message


def test_silent_addresses_do_not_stop_the_one_that_answers(server, fetch, monkeypatch):
    found = server(response(b"{}"))
    silent = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 443))] * 7
    real = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", found.port))
    monkeypatch.setattr(_connecting.socket, "getaddrinfo", lambda *_arguments: [*silent, real])
    monkeypatch.setattr(_connecting, "STAGGER", 0.05)
    begin = time.monotonic()
    assert fetch(found).json() == {}
    assert time.monotonic() - begin < 5


def test_a_host_without_an_address_cannot_be_reached(fetch):
    assert failure(fetch, SimpleNamespace(url="https://graph.invalid")).kind == CONNECT


def reset(connection, _request):
    """Resets the connection."""
    raw = connection.detach()
    with socket.socket(fileno=raw) as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


@pytest.mark.parametrize(
    "serve",
    [
        lambda connection, request: None,
        reset,
        response(b"half", Content_Length="8"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf",
        b"this is not HTTP at all\r\n\r\n",
        response(b"not packed", Content_Encoding="gzip"),
    ],
)
def test_an_incomplete_answer_counts_as_dropped(server, fetch, serve):
    found = server(serve)
    error = failure(fetch, found)
    assert error.kind == DROPPED
    assert f"localhost:{found.port}" in error.message
    assert len(found.requests) == 1, "nothing is repeated here"


def test_an_answer_that_is_too_large_is_not_kept(server, fetch, monkeypatch):
    monkeypatch.setattr(_http, "LARGEST_BODY", 1000)
    assert len(fetch(server(response(b"x" * 1000))).text) == 1000
    assert failure(fetch, server(response(b"x" * 1001))).kind == DROPPED


def silent(connection, _request):
    connection.recv(1)


def dripping_body(connection, _request):
    connection.sendall(response(b"", Content_Length="1000"))
    _drip(connection)


def dripping_chunks(connection, _request):
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    _drip(connection, b"1\r\nx\r\n")


def _drip(connection, drop=b"x", seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        connection.sendall(drop)
        time.sleep(0.02)


@pytest.mark.parametrize("serve", [silent, dripping_body, dripping_chunks])
@pytest.mark.parametrize("limits", [{"timeout": 0.3}, {"own": 0.3, "timeout": 60.0}])
def test_a_slow_host_is_given_up(server, ca_path, serve, limits):
    found = server(serve)
    begin = time.monotonic()
    with (
        Session(ca_path, limits["timeout"], 1) as session,
        pytest.raises(NoAnswer, match="did not answer in time") as caught,
    ):
        session.fetch("GET", found.url, timeout=limits.get("own"))
    assert caught.value.kind == TIMEOUT
    assert 0.25 < time.monotonic() - begin < 5


def test_a_host_that_accepts_no_connection_is_given_up(fetch):
    """A backlog that is full: the connection is made by the system, and TLS never begins."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        full = SimpleNamespace(url=f"https://localhost:{listener.getsockname()[1]}")
        begin = time.monotonic()
        assert failure(fetch, full, timeout=0.3).kind in (TIMEOUT, CONNECT)
        assert time.monotonic() - begin < 5


def test_no_secret_is_in_a_message(server, fetch):
    error = failure(
        fetch,
        server(reset),
        method="POST",
        headers={"Authorization": "Bearer eyJabcdef.x.y"},
        data={"client_secret": "hunter2"},
    )
    assert "eyJ" not in error.message
    assert "hunter2" not in error.message


@pytest.mark.parametrize("value", ["hunter2\r", "hunter2\n", " hunter2", "a\r\nhunter2", "hunter2\u20ac"])
def test_a_header_that_no_request_can_hold_is_not_shown(server, fetch, value):
    found = server(response())
    error = failure(fetch, found, headers={"Secret": value})
    assert error.kind == INVALID
    assert not any("secret" in headers for _head, headers, _body in found.requests)
    assert f"localhost:{found.port}" in error.message and "hunter2" not in error.message


@pytest.mark.parametrize(
    "url", ["https://[::1/hunter2", "https://localhost:99999/hunter2", "https:///hunter2", "ftp://x/hunter2", "hunter2"]
)
def test_an_address_that_is_none_is_not_shown(fetch, url):
    error = failure(fetch, SimpleNamespace(url=url), path="")
    assert error.kind == INVALID and "hunter2" not in error.message


def test_a_password_in_an_address_is_not_shown(fetch, closed_port):
    error = failure(fetch, SimpleNamespace(url=f"https://user:hunter2@localhost:{closed_port}"))
    assert error.kind == CONNECT and "hunter2" not in error.message


# -- proxies


def tunnel(connection, request):
    """What a CONNECT proxy does, until one side ends it. In one thread: two must not share a TLS connection."""
    _method, target, _version = request[0].split(" ")
    host, _colon, port = target.rpartition(":")
    with socket.create_connection((host, int(port)), 10) as far:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        other = {connection: far, far: connection}
        while ready := unread(connection) or select.select([*other], [], [], 10)[0]:
            for source in ready:
                data = received(source)
                if data == b"":
                    return
                if data is not None:
                    other[source].sendall(data)


def unread(connection):
    """The connection, if it is TLS that has read more from its socket than it has given."""
    return [connection] if isinstance(connection, ssl.SSLSocket) and connection.pending() else []


def received(source):
    """What has arrived; b"" at the end; None when TLS needs more for a whole record."""
    source.setblocking(False)
    try:
        return source.recv(65536)
    except ssl.SSLWantReadError:
        return None
    finally:
        source.settimeout(10)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_proxies_are_taken_from_the_environment(server, fetch, environment, variable):
    proxy, found = server(tunnel, authority=None), server(response(b"{}"))
    environment.setenv(variable, f"http://localhost:{proxy.port}")
    assert fetch(found, headers={"Authorization": "Bearer t"}).json() == {}
    (line, headers, _body) = proxy.requests[0]
    assert line.startswith(f"CONNECT localhost:{found.port} ")
    assert "authorization" not in headers


def test_a_proxy_behind_tls_is_trusted_as_the_service_is(server, fetch, environment):
    proxy, found = server(tunnel), server(response(b"{}"))
    environment.setenv("HTTPS_PROXY", f"https://localhost:{proxy.port}")
    assert fetch(found).json() == {}
    assert proxy.requests[0][0].startswith(f"CONNECT localhost:{found.port} ")


def test_a_socks_proxy_gets_only_known_options(monkeypatch, ca_path):
    """The adapter of requests needs a library that is not required here; this class takes the same options."""

    class Socks(urllib3.PoolManager):
        def __init__(self, proxy_url, username=None, password=None, **options):
            super().__init__(**options)

    monkeypatch.setattr("requests.adapters.SOCKSProxyManager", Socks)
    with Session(ca_path, 5.0, 1) as session:
        manager = session.get_adapter("https://graph.contoso.example").proxy_manager_for("socks5://localhost:1080")
        assert manager.connection_from_url("https://graph.contoso.example").host == "graph.contoso.example"


@pytest.mark.parametrize("exempt", ["localhost", ".contoso.example,localhost", "*"])
def test_hosts_can_be_exempt_from_proxies(server, fetch, environment, exempt, closed_port):
    environment.setenv("HTTPS_PROXY", f"http://localhost:{closed_port}")
    environment.setenv("NO_PROXY", exempt)
    assert fetch(server(response(b"{}"))).json() == {}


def test_a_proxy_that_refuses_is_reported(server, fetch, environment, nowhere):
    proxy = server(response(b"", "407 Proxy Authentication Required"), authority=None)
    environment.setenv("HTTPS_PROXY", f"http://anna:hunter2@localhost:{proxy.port}")
    error = failure(fetch, nowhere)
    assert error.kind == PROXY
    assert "HTTPS_PROXY and NO_PROXY" in error.message
    assert "407" in error.message
    assert "hunter2" not in error.message


@pytest.mark.parametrize(
    ("written", "sent"), [("anna:p%40ss", "anna:p@ss"), ("anna:%E2%82%AC", "anna:\u20ac"), ("anna", "anna:")]
)
def test_the_credentials_for_a_proxy_are_sent_in_utf_8(server, fetch, environment, written, sent):
    proxy, found = server(tunnel, authority=None), server(response(b"{}"))
    environment.setenv("HTTPS_PROXY", f"http://{written}@localhost:{proxy.port}")
    assert fetch(found).json() == {}
    (_line, headers, _body) = proxy.requests[0]
    assert headers["proxy-authorization"] == "Basic " + base64.b64encode(sent.encode()).decode()


def test_https_in_front_of_a_plain_proxy_is_explained(server, fetch, environment, nowhere):
    proxy = server(response(b"", "400 Bad Request"), authority=None, receive=read_something)
    environment.setenv("HTTPS_PROXY", f"https://localhost:{proxy.port}")
    error = failure(fetch, nowhere)
    assert error.kind == PROXY
    assert "Write http:// in front" in error.message and "HTTPS_PROXY" in error.message


def test_a_proxy_whose_certificate_is_not_trusted_is_named(server, fetch, environment, nowhere):
    proxy = server(response(), authority=trustme.CA())
    environment.setenv("ALL_PROXY", f"https://localhost:{proxy.port}")
    error = failure(fetch, nowhere)
    assert error.kind == PROXY and "ALL_PROXY" in error.message


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
def test_the_identity_endpoint_of_this_machine_has_no_proxy(server, ca_path, environment, variable, closed_port):
    environment.setenv(variable, f"http://localhost:{closed_port}")
    endpoint = server(response(b"{}"), authority=None)
    with Session(ca_path, 5.0, 1) as session, session.for_identity() as local:
        assert local.fetch("GET", f"http://localhost:{endpoint.port}/").json() == {}


def test_a_proxy_variable_that_cannot_be_used_ends_the_session_before_it_begins(environment, ca_path):
    environment.setenv("HTTPS_PROXY", "http://svc:hunter2/x@localhost:3128")
    with pytest.raises(InvalidOptions, match="HTTPS_PROXY.*%2F") as caught:
        Session(ca_path, 5.0, 1)
    assert "hunter2" not in caught.value.message


def test_secrets_of_a_proxy(environment, ca_path):
    environment.setenv("HTTPS_PROXY", "http://svc:hunter2@localhost:3128")
    with Session(ca_path, 5.0, 1) as session:
        assert {"svc", "hunter2"} <= set(session.secrets)
    environment.delenv("HTTPS_PROXY")
    with Session(ca_path, 5.0, 1) as session:
        assert session.secrets == []


def test_a_proxy_that_drops_the_connection_is_reported(server, fetch, environment):
    proxy, found = server(reset, authority=None), server(response(b"{}"))
    environment.setenv("HTTPS_PROXY", f"http://localhost:{proxy.port}")
    error = failure(fetch, found)
    assert error.kind == DROPPED and "HTTPS_PROXY" in error.message


def test_a_proxy_that_does_not_exist_is_reported(fetch, environment, nowhere, closed_port):
    environment.setenv("HTTPS_PROXY", f"http://localhost:{closed_port}")
    assert failure(fetch, nowhere).kind == PROXY


def test_connections_are_reused(authority, ca_path):
    """As many requests as fit through one connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    served = []

    def serve():
        connection, _address = listener.accept()
        with connection, context.wrap_socket(connection, server_side=True) as tls:
            for _request in range(3):
                served.append(read_request(tls)[0])
                tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with Session(ca_path, 5.0, 1) as session:
        for _request in range(3):
            assert session.fetch("GET", f"https://localhost:{listener.getsockname()[1]}/").json() == {}
    thread.join(10)
    listener.close()
    assert len(served) == 3
