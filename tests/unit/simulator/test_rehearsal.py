# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of users as a tenant: what is read, and what is refused with its line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import graph_simulator
from graph_simulator import Simulator
from graph_simulator.rehearsal import tenant_from_csv
from graph_simulator.tenant import TenantError


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "users.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_list_becomes_a_tenant_in_which_all_may_sign_in(tmp_path: Path, encoding: str) -> None:
    text = (
        "Name, Number, enabled, SMS_sign_in, guest\r\n"
        "anna@contoso.example, +1 2065550101,,yes,\r\n"
        'ben@contoso.example,"+12065550102",false,no,\r\n'
        "carl@contoso.example,,true,,\r\n"
        "visitor@contoso.example,+44 1632960001,,,true\r\n"
    )
    with Simulator(tenant_from_csv(written(tmp_path, text, encoding))) as simulator:
        names = ("anna", "ben", "carl", "visitor")
        states = [simulator.state(f"{name}@contoso.example") for name in names]
        assert states == ["ready", "notEnabled", None, "notSupported"]
        assert simulator.group_id("Everybody")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    "text",
    [
        "name,number\nanna@contoso.example,+1 2065550101\n",
        "name;number\nanna@contoso.example;+1 2065550101\n",
        "userPrincipalName\tmobilePhone\tdepartment\nanna@contoso.example\t+1 2065550101\tTill\n",
        "displayName,User principal name,Mobile Phone\nAnna,anna@contoso.example,+12065550101\n",
        "user,phone,department\nanna@contoso.example,+1 2065550101\n",
        "name,number,\nanna@contoso.example,+1 2065550101,,\n",
        '[{"userPrincipalName": "anna@contoso.example", "mobilePhone": "+1 2065550101"}]',
    ],
)
def test_a_list_is_read_as_by_the_collection(tmp_path: Path, text: str, encoding: str) -> None:
    (user,) = tenant_from_csv(written(tmp_path, text, encoding))["users"]
    assert user == {"name": "anna@contoso.example", "mobile": "+1 2065550101"}


def test_object_ids_and_accounts_of_an_export_are_kept(tmp_path: Path) -> None:
    text = (
        "id,userPrincipalName,accountEnabled,isGuest\n"
        "0a000000-0000-4000-8000-000000000001,anna@contoso.example,False,False\n"
        "1002,ben@contoso.example,True,True\n"
    )
    anna, ben = tenant_from_csv(written(tmp_path, text))["users"]
    assert (anna["id"], anna["enabled"], anna["guest"]) == ("0a000000-0000-4000-8000-000000000001", False, False)
    assert ("id" in ben, ben["enabled"], ben["guest"]) == (False, True, True)


def test_names_alone_become_users_without_a_number(tmp_path: Path) -> None:
    users = tenant_from_csv(written(tmp_path, "anna@contoso.example\nben@contoso.example # till\n"))["users"]
    assert users == [{"name": "anna@contoso.example"}, {"name": "ben@contoso.example"}]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "there is no user in it"),
        ("name,number\n", "there is no user in it"),
        ("number,department\n+1 2065550101,Till\n", "has no column that names users .*headings number, department"),
        ("name,number\nanna@contoso.example,+1 2065550101\nben,\n", "has no user name at line 3"),
        ("name,number\nanna@contoso.example,2065550101\n", "line 2: a phone number is written"),
        ("name,number\na@contoso.example,\nA@contoso.example,\n", "line 3: A@contoso.example is there twice"),
        ("name,number,guest\na@contoso.example,,perhaps\n", "line 2: guest is true or false"),
        ("0a000000-0000-4000-8000-000000000001\n", "line 1: the name is no user principal name"),
        ("name,number,number\na@contoso.example,,\n", "'number' twice, in columns 2 and 3"),
    ],
)
def test_an_invalid_entry_is_reported_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(TenantError, match=complaint) as error:
        tenant_from_csv(written(tmp_path, text))
    assert "206555" not in str(error.value)


def test_another_encoding_is_reported(tmp_path: Path) -> None:
    with pytest.raises(TenantError, match=r"not text in UTF-8 \(line 2\)"):
        tenant_from_csv(written(tmp_path, "name,number\nann\u00e4@contoso.example,\n", "latin-1"))


def test_the_simulator_shares_only_the_reader_of_lists_with_the_collection() -> None:
    folder = Path(graph_simulator.__file__).parent
    sharing = [file.name for file in folder.glob("*.py") if "plugins" in file.read_text("utf-8")]
    assert sharing == ["lists.py"]


def test_it_runs_from_a_clone_without_ansible(tmp_path: Path) -> None:
    """A clone is in no folder ansible_collections, and the environment of a rehearsal has no Ansible."""
    root = Path(graph_simulator.__file__).parents[2]
    clone = tmp_path / "clone"
    shutil.copytree(root / "plugins" / "module_utils", clone / "plugins" / "module_utils")
    shutil.copytree(root / "tests" / "graph_simulator", clone / "tests" / "graph_simulator")
    code = (
        "import sys; sys.modules['ansible'] = sys.modules['ansible_collections'] = None\n"
        "from pathlib import Path; from graph_simulator.rehearsal import tenant_from_csv\n"
        f"print(tenant_from_csv(Path({str(written(tmp_path, 'a@contoso.example'))!r}))['users'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(clone / "tests")},
        cwd=tmp_path,
        text=True,
        capture_output=True,
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == ("[{'name': 'a@contoso.example'}]", 0), done.stderr
