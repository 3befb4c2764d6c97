# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._auth import _source
from ansible_collections.frontline.entra.plugins.module_utils._auth._source import PAUSE, TokenSource
from ansible_collections.frontline.entra.plugins.module_utils._auth._token import Token
from ansible_collections.frontline.entra.plugins.module_utils._errors import (
    AuthenticationFailed,
    OutOfTime,
    Unreachable,
)


class Counting:
    """A method that gives `t1`, `t2`, ... which live for so many seconds."""

    def __init__(self, *lives):
        self.sent = 0
        self._lives = lives

    def token(self, claims=None):
        if self.sent == len(self._lives):
            raise AuthenticationFailed("No more.")
        life = self._lives[self.sent]
        self.sent += 1
        now = time.time()
        # Obtained an hour ago: the remaining time counts.
        return Token(f"t{self.sent}", None if life is None else now + life, now - 3600)


def source(*lives):
    concealed = []
    return TokenSource(Counting(*lives), concealed.append), concealed


def test_a_token_is_requested_when_needed_and_then_kept():
    tokens, concealed = source(3600, 3600)
    assert (tokens.sent, concealed) == (0, [])
    assert [tokens.current(), tokens.current(), tokens.token().value] == ["t1"] * 3
    assert (tokens.sent, concealed) == (1, ["t1"])


@pytest.mark.parametrize(
    ("left", "second"),
    # A new token that seems to have expired shows that the clock of this machine is wrong.
    [(3600, "t1"), (130, "t1"), (110, "t2"), (0, "t1"), (-10, "t1"), (None, "t1")],
)
def test_a_token_is_replaced_before_it_expires(left, second):
    tokens, _concealed = source(left, 3600)
    assert (tokens.current(), tokens.current()) == ("t1", second)


def test_a_token_that_has_expired_is_replaced(monkeypatch):
    tokens, _concealed = source(3600, 3600)
    assert tokens.current() == "t1"
    later = time.time() + 4000
    monkeypatch.setattr(time, "time", lambda: later)
    assert tokens.current() == "t2"


def test_a_token_that_is_rejected_is_replaced_once():
    tokens, concealed = source(3600, 3600, 3600)
    tokens.renew(tokens.current())
    tokens.renew("t1")
    assert (tokens.current(), tokens.sent, concealed) == ("t2", 2, ["t1", "t2"])


def test_a_failed_renewal_is_reported():
    tokens, _concealed = source(3600)
    with pytest.raises(AuthenticationFailed, match="No more"):
        tokens.renew(tokens.current())


class Failing(Counting):
    """Provides the first token, and then fails with `failure`."""

    def __init__(self, life, failure):
        super().__init__(life)
        self.asked = 0
        self._failure = failure

    def token(self, claims=None):
        self.asked += 1
        if self.asked > 1:
            raise self._failure
        return super().token()


@pytest.mark.parametrize("failure", [Unreachable("Gone."), AuthenticationFailed("No.")])
def test_a_valid_token_is_kept_if_its_renewal_fails(failure, monkeypatch):
    method = Failing(60, failure)
    tokens = TokenSource(method, lambda token: None)
    assert [tokens.current() for _time in range(4)] == ["t1"] * 4
    assert method.asked == 2, "not tried again at once"
    now = time.time()
    monkeypatch.setattr(_source.time, "time", lambda: now + PAUSE + 1)
    assert tokens.current() == "t1" and method.asked == 3
    monkeypatch.setattr(_source.time, "time", lambda: now + 61)
    with pytest.raises(type(failure)):
        tokens.current()


def test_the_end_of_the_run_ends_it_during_a_renewal_too():
    tokens = TokenSource(Failing(60, OutOfTime("Over.")), lambda token: None)
    tokens.current()
    with pytest.raises(OutOfTime):
        tokens.current()
