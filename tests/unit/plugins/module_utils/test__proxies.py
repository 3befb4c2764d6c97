# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import importlib.util

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils import _proxies
from ansible_collections.frontline.entra.plugins.module_utils._domain._redaction import redact
from ansible_collections.frontline.entra.plugins.module_utils._errors import EntraError, InvalidOptions, MissingLibrary
from ansible_collections.frontline.entra.plugins.module_utils._proxies import VARIABLES, find_proxy

PASSWORD = "Winter2026-of-the-proxy"


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({}, None),
        ({"HTTP_PROXY": "http://h:1"}, None),
        ({"HTTPS_PROXY": ""}, None),
        ({"HTTPS_PROXY": " ", "ALL_PROXY": "http://h:1"}, "ALL_PROXY"),
        ({"HTTPS_PROXY": "http://h:1", "ALL_PROXY": "http://h:2"}, "HTTPS_PROXY"),
        ({"https_proxy": "http://h:1", "HTTPS_PROXY": "http://h:2"}, "https_proxy"),
        ({"all_proxy": "http://h:1", "HTTPS_PROXY": "http://h:2"}, "HTTPS_PROXY"),
        ({"all_proxy": "http://h:1", "ALL_PROXY": "http://h:2"}, "all_proxy"),
    ],
)
def test_the_first_variable_that_is_set_counts(environment, variable):
    proxy = find_proxy(environment)
    assert (proxy.variable if proxy else None) == variable


@pytest.mark.parametrize(
    ("value", "url", "login"),
    [
        ("http://proxy.example:3128", "http://proxy.example:3128", ("", "")),
        ("http://proxy.example:3128/", "http://proxy.example:3128", ("", "")),
        ("HTTP://Proxy.Example", "http://proxy.example", ("", "")),
        ("proxy.example:3128", "http://proxy.example:3128", ("", "")),
        ("httpproxy:3128", "http://httpproxy:3128", ("", "")),
        ("https://proxy_1.example:65535", "https://proxy_1.example:65535", ("", "")),
        ("http://[::1]:3128", "http://[::1]:3128", ("", "")),
        ("http://svc@h:1", "http://svc@h:1", ("svc", "")),
        ("http://svc:p%40ss@h:1", "http://svc:p%40ss@h:1", ("svc", "p@ss")),
        ("http://svc:p@ss@h:1", "http://svc:p%40ss@h:1", ("svc", "p@ss")),
        ("svc:pass@h:1", "http://svc:pass@h:1", ("svc", "pass")),
        ("http://svc:%E2%82%AC@h:1", "http://svc:%E2%82%AC@h:1", ("svc", "\u20ac")),
        ("http://DOM\\svc:x@h:1", "http://DOM%5Csvc:x@h:1", ("DOM\\svc", "x")),
        ("http://svc:a%2Fb:c@h:1", "http://svc:a%2Fb%3Ac@h:1", ("svc", "a/b:c")),
    ],
)
def test_addresses_that_are_accepted(value, url, login):
    proxy = find_proxy({"HTTPS_PROXY": value})
    assert (proxy.url, (proxy.user, proxy.password)) == (url, login)


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("http://svc:{}/x@h:1", "/ as %2F"),
        ("http://svc:{}#1@h:1", "# as %23"),
        ("http://svc:{}?1@h:1", "\\? as %3F"),
        ("http://svc:{}[1@h:1", "\\[ as %5B"),
        ("http://svc:{}]@h:1", "\\] as %5D"),
        ("http://svc:{}\u20ac@h:1", "non-ASCII"),
        ("http://svc:{} x@h:1", "a blank"),
        ("http://svc:{}\x01@h:1", "a blank or a non-ASCII character"),
        ("http://svc:{}@", "no valid host"),
        ("http://svc:{}@:3128", "no valid host"),
        ("http://svc:{}@h:65536", "no valid host"),
        ("http://svc:{}@h:0", "no valid host"),
        ("http://svc:{}@h:port", "no valid host"),
        ("http://svc:{}@[::1", "no valid host"),
        ("http://svc:{}@[:::]:1", "no valid host"),
        ("http://svc:{}@h:1/path", "no valid host"),
        ("http://svc:{}", "as USER:PASSWORD and @"),
        ("http://{}:3128:1", "no valid host"),
        ("http:/svc:{}@h:1", "begin with one of"),
        ("http:svc:{}@h:1", "begin with one of"),
        ("https:svc:{}@h:1", "begin with one of"),
        ("socks5:{}@h:1", "begin with one of"),
        ("'http://svc:{}@h:1'", "begin with one of"),
        ("http:///svc:{}@h", "percent-encode"),
        ("ftp://svc:{}@h:1", "begin with one of http://, https://, socks4://"),
        ("socks://svc:{}@h:1", "begin with one of"),
        ("socks9://svc:{}@h:1", "begin with one of"),
        ("{}://h:1", "begin with one of"),
    ],
)
def test_an_address_that_is_refused_is_named_by_its_variable_only(variable, value, words):
    with pytest.raises(InvalidOptions, match=words) as caught:
        find_proxy({variable: value.format(PASSWORD)})
    assert variable in caught.value.message
    assert "Winter" not in caught.value.message and "svc" not in caught.value.message
    assert redact(caught.value.message) == caught.value.message, "no mask hides what to do"


@pytest.mark.parametrize("scheme", ["socks4", "socks4a", "socks5", "socks5h", "SOCKS5"])
@pytest.mark.parametrize("installed", [True, False])
def test_a_socks_proxy_needs_its_library(scheme, installed, monkeypatch):
    monkeypatch.setattr(_proxies.importlib.util, "find_spec", lambda name: object() if installed else None)
    if installed:
        assert find_proxy({"ALL_PROXY": f"{scheme}://h:1080"}).url == f"{scheme.lower()}://h:1080"
        return
    with pytest.raises(MissingLibrary, match="ALL_PROXY.*PySocks"):
        find_proxy({"ALL_PROXY": f"{scheme}://svc:{PASSWORD}@h:1080"})
    assert importlib.util is _proxies.importlib.util


@given(st.text(max_size=30).map(lambda text: text.replace("\x00", "")))
def test_any_value_is_accepted_or_refused_without_showing_it(text):
    try:
        find_proxy({"HTTPS_PROXY": f"http://svc:{PASSWORD}{text}@h:1"})
    except EntraError as error:
        assert "Winter" not in error.message


@pytest.mark.parametrize("text", ["Bad http://svc1:p%40ss-word@h:1 here", "svc1 and p@ss-word", "p%40ss-word"])
def test_the_login_is_masked_in_every_form(text):
    proxy = find_proxy({"HTTPS_PROXY": "http://svc1:p@ss-word@h:1"})
    masked = proxy.mask(text)
    assert "ss-word" not in masked and "svc1" not in masked
    assert {"svc1", "p@ss-word", "p%40ss-word", "http://svc1:p@ss-word@h:1"} <= set(proxy.secrets)


def test_a_proxy_without_a_login_has_no_secret():
    proxy = find_proxy({"HTTPS_PROXY": "http://h:1"})
    assert (proxy.secrets, proxy.mask("http://h:1")) == ([], "http://h:1")
