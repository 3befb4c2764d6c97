# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of users as other tools export them: read correctly, or refused without showing their content."""

from __future__ import annotations

import json
import os

import pytest

from integration.tenants import READY, make_user, tenant

TENANT = tenant(make_user("anna", 1), make_user("dora", 4), make_user("ceo", 8))
ANNA, DORA, CEO = (f"{name}@contoso.example" for name in ("anna", "dora", "ceo"))
CHECK_MODE = pytest.mark.parametrize("check_mode", [True, False])

GOOD = {
    "semicolons.csv": f"\ufeffuserPrincipalName;displayName\r\n{ANNA};Anna\r\n{DORA};Dora\r\n",
    "separator.csv": f"sep=;\nUser principal name;x\n{ANNA};1\n{DORA};2\n",
    "tabs.tsv": f"user\tx\n{ANNA}\t1\n{DORA}\t2\n",
    "powershell.csv": f'#TYPE Selected.User\r\n"UserPrincipalName","DisplayName"\r\n"{ANNA}","Anna"\r\n"{DORA}","Dora"\r\n',
    "portal.csv": f"version:v1.0\nMember object ID or user principal name [memberObjectIdOrUpn] Required\n{ANNA}\n{DORA}\n",
    "employees.csv": f"ID,LastName,userPrincipalName\n1001,Example,{ANNA}\n1002,Example,{DORA}\n",
    "old_mac.csv": f"userPrincipalName,displayName\r{ANNA},Anna\r{DORA},Dora\r",
    "utf16.txt": f"{ANNA}\r\n{DORA}\r\n",
    "comments.txt": f"# till\n{ANNA}  # early\n#{CEO}\n{DORA}\n",
    "heading.txt": f"upn\n{ANNA}\n{DORA}\n",
    "mail.txt": f"Example, Anna <{ANNA}>\nmailto:{DORA}\n",
    "graph.json": json.dumps({"value": [{"userPrincipalName": ANNA}, {"userPrincipalName": DORA}]}),
    "texts.json": json.dumps([ANNA, DORA]),
}


@pytest.mark.parametrize("name", GOOD)
def test_lists_of_other_tools_are_read(simulator, module, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(GOOD[name].encode("utf-16" if "utf16" in name else "utf-8"))

    result = module(users_from=str(path))

    assert result["reason"] is None and not result.other_warnings
    assert sorted(write.user for write in simulator.writes()) == [ANNA, DORA]


BAD = {
    "number.txt": f"{ANNA},+1 2065550101\n{DORA},+1 2065550104\n",
    "number.csv": f"{ANNA};+1 2065550101\n",
    "password.txt": f"{ANNA},Anna Example,Welcome-2026!\n",
    "twice.csv": f"userPrincipalName,displayName,userPrincipalName\n{ANNA},Anna,{CEO}\n",
    "names.csv": "userPrincipalName,x\nAnna Welcome-2026!,1\n",
    "shadow": "root:*:20228:0:99999:7:::\nWelcome-2026!:x\n",
    "recipients.txt": f"<{ANNA}>; <{DORA}>\n",
    "quotes.csv": f'user,x\n{ANNA},"Welcome-2026!\n{DORA},1\n',
    "page.json": json.dumps({"value": [{"id": ANNA}], "@odata.nextLink": "https://x"}),
    "workbook.xlsx": "PK\x03\x04 Welcome-2026!",
    "utf16.txt": "".join(f"{character}\0" for character in ANNA),
}


@CHECK_MODE
@pytest.mark.parametrize("name", BAD)
def test_a_file_without_a_list_is_refused_and_not_shown(simulator, module, tmp_path, name, check_mode):
    path, report = tmp_path / name, tmp_path / "report.csv"
    path.write_text(BAD[name])

    result = module(users_from=str(path), report_path=str(report), check_mode=check_mode)

    assert result["reason"] == "invalid_file" and str(path) in result["msg"] and not result["changed"]
    assert simulator.journal() == [] and not report.exists()
    for private in ("2065550101", "Welcome", "Anna Example", ANNA, DORA, CEO, "20228"):
        assert private not in str({**result, "invocation": None})


@pytest.mark.parametrize("text", ["", "\n", "id,userPrincipalName\n", "id,userPrincipalName\n,\n , \n", "[]"])
def test_an_empty_list_is_an_error_to_disable_and_a_warning_to_enable(simulator, module, tmp_path, text):
    path = tmp_path / "list.csv"
    path.write_text(text)

    disabling = module(users_from=str(path), state="disabled")
    enabling = module(users=[ANNA], users_from=str(path))

    assert disabling["reason"] == "invalid_file" and "names no user" in disabling["msg"]
    assert enabling["reason"] is None and "names no user" in enabling.warned and simulator.state(ANNA) == READY


@CHECK_MODE
@pytest.mark.parametrize("kind", ["fifo", "/dev/zero", "/dev/null", "folder", "5 GB", "missing"])
def test_a_special_file_is_refused_at_once(simulator, module, tmp_path, kind, check_mode):
    path = tmp_path / "list.csv"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "5 GB":
        with path.open("wb") as file:
            file.truncate(5_000_000_000)
    elif kind != "missing":
        path.symlink_to(kind)

    result = module(users_from=str(path), check_mode=check_mode)

    assert result["reason"] == "invalid_file" and "cannot be read" in result["msg"]
    assert simulator.journal() == [] and result["requests"]["seconds"] < 10
