# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of people as a tenant: what is understood, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph_simulator import Simulator
from graph_simulator.people import tenant_from_csv
from graph_simulator.tenant import TenantError


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "people.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_people_become_a_tenant_in_which_all_may_sign_in(tmp_path: Path, encoding: str) -> None:
    text = (
        "Name, Number, enabled, SMS_sign_in, guest\r\n"
        "anna@contoso.example, +1 2065550101,,yes,\r\n"
        'ben@contoso.example,"+12065550102",false,no,\r\n'
        "carl@contoso.example,,true,,\r\n"
        "visitor@contoso.example,+44 1632960001,,,true\r\n"
    )
    with Simulator(tenant_from_csv(written(tmp_path, text, encoding))) as simulator:
        people = ("anna", "ben", "carl", "visitor")
        states = [simulator.state(f"{name}@contoso.example") for name in people]
        assert states == ["ready", "notEnabled", None, "notSupported"]
        assert simulator.group_id("Everybody")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "line 1: the columns name and number are needed"),
        ("name,phone\n", "line 1: the columns name and number are needed"),
        ("name,number,colour\n", "line 1: unknown columns colour"),
        ("name,number\n", "nobody is in it"),
        ("name,number\nanna@contoso.example,+1 2065550101\nben,\n", "line 3: the name is no user principal name"),
        ("name,number\nanna@contoso.example,2065550101\n", "line 2: a phone number is written"),
        ("name,number\nanna@contoso.example\n", "line 2: it has more or fewer values"),
        ("name,number\nanna@contoso.example,,\n", "line 2: it has more or fewer values"),
        ("name,number\na@contoso.example,\nA@contoso.example,\n", "line 3: A@contoso.example is there twice"),
        ("name,number,guest\na@contoso.example,,perhaps\n", "line 2: guest is true or false"),
    ],
)
def test_what_cannot_be_taken_is_told_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(TenantError, match=complaint) as error:
        tenant_from_csv(written(tmp_path, text))
    assert "206555" not in str(error.value)


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(TenantError, match="behind line 0: .*utf-8"):
        tenant_from_csv(written(tmp_path, "name,number\nann\u00e4@contoso.example,\n", "latin-1"))
