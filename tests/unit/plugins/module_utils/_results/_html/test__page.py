# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random
import re
from html.parser import HTMLParser

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._results._html._page import MOST_BYTES, page
from ansible_collections.frontline.entra.plugins.module_utils._results._html._source import report_of
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils._results._html.documents import (
    SUPPORT,
    TENANT,
    audit,
    audited,
    large_audit,
    large_run,
    refused,
    report,
    run,
    unchanged,
    user,
)

HOSTILE = "\"><script>alert(1)</script>&'"
RIGHT_TO_LEFT = "\u05d3\u05d5\u05d3@contoso.example"
VOID = ("meta", "rect", "br")


class Page(HTMLParser):
    """A page as a browser reads it: its elements, the text by element, and whether tags match."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.texts = []
        self._open = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open and self._open.pop() == tag, tag

    def handle_data(self, data):
        self.texts.append((self._open[-1] if self._open else "", data))

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self):
        return " ".join(data for tag, data in self.texts if tag != "style")


def shown(*documents, compare=()):
    return Page(page([report(one) for one in documents], [report(one) for one in compare]).text)


def hostile_run():
    entry = {"user": HOSTILE, "id": HOSTILE, "state": HOSTILE, "phone_number": HOSTILE}
    support = dict.fromkeys(SUPPORT, HOSTILE)
    scope = {"users": 1, "groups": [HOSTILE, RIGHT_TO_LEFT], "exclude_users": 0, "exclude_groups": [HOSTILE]}
    users = [
        refused(1, "forbidden", **entry, msg=HOSTILE, support=support),
        refused(2, HOSTILE, "refused", **entry, msg=HOSTILE),
        user(3, user=RIGHT_TO_LEFT, previous_state=HOSTILE, msg=HOSTILE),
    ]
    return run(*users, tenant=HOSTILE, cloud=HOSTILE, collection_version=HOSTILE, scope=scope)


def hostile_audit():
    methods = [HOSTILE, "fido2"]
    return audit(audited(1, "ready", methods, user=HOSTILE), audited(2, HOSTILE, only_password=True), tenant=HOSTILE)


@pytest.mark.parametrize("documents", [[hostile_run()], [hostile_audit()], [hostile_run(), hostile_audit()]])
def test_a_malicious_value_stays_text(documents):
    found = shown(*documents, compare=[run(user(9, user=HOSTILE), tenant=HOSTILE, time="2026-11-01T00:00:00Z")])
    tags = {tag for tag, _attributes in found.elements}
    assert "script" not in tags and HOSTILE in found.text
    attributes = [name for _tag, attributes in found.elements for name in attributes]
    assert not [name for name in attributes if name.startswith("on") or name in ("src", "style")]


@pytest.mark.parametrize(("reason", "linked"), [("forbidden", True), ("../reasons", False), (HOSTILE, False)])
def test_a_known_reason_links_to_its_page(reason, linked):
    links = [attributes["href"] for attributes in shown(run(refused(reason=reason))).all("a")]
    page = "https://github.com/frontline-entra/frontline.entra/blob/main/docs/reasons/forbidden.md"

    assert [link for link in links if "/docs/reasons" in link] == [page] * linked


@pytest.mark.parametrize("documents", [[hostile_run()], [hostile_audit()], [large_run(300)], [large_audit(300)]])
def test_no_value_is_part_of_an_address_an_id_or_a_style(documents):
    found = shown(*documents)
    ids = [attributes["id"] for _tag, attributes in found.elements if "id" in attributes]
    links = [attributes["href"] for attributes in found.all("a")]
    assert all(re.fullmatch(r"[a-z][a-z0-9-]*", one) for one in ids) and len(ids) == len(set(ids))
    for link in links:
        assert link[1:] in ids if link.startswith("#") else link.startswith("https://github.com/frontline-entra/")
    named = [
        attributes[key] for _tag, attributes in found.elements for key in ("aria-labelledby",) if key in attributes
    ]
    assert all(one in ids for value in named for one in value.split())
    assert len(found.all("style")) == 1


def test_names_cannot_reorder_the_text_around_them():
    found = page([report(run(user(1, user="a\u202eb\x00c\ud800d@contoso.example"), user(2, user=RIGHT_TO_LEFT)))]).text
    assert f"<bdi>{RIGHT_TO_LEFT}</bdi>" in found
    assert "<bdi>a\ufffdb\ufffdc\ufffdd@contoso.example</bdi>" in found
    assert found.encode("utf-8")


def test_the_page_forbids_script_and_network_itself():
    found = shown(large_run(300), large_audit(300))
    policy = [one["content"] for one in found.all("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
    assert not [
        tag for tag, _attributes in found.elements if tag in ("script", "link", "img", "iframe", "form", "base")
    ]
    assert "url(" not in found.texts[0][1] and "@import" not in page([report(large_run(3))]).text


def test_the_frame_of_the_page():
    found = shown(large_run(300), compare=[large_run(200, time="2026-11-01T00:00:00Z")])
    assert found.all("html") == [{"lang": "en"}] and {"charset": "utf-8"} in found.all("meta")
    assert {"name": "color-scheme", "content": "light dark"} in found.all("meta")
    levels = [int(tag[1]) for tag, _attributes in found.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in zip(levels, levels[1:]))
    for tag in ("header", "main", "footer"):
        assert len(found.all(tag)) == 1
    assert all(one.get("scope") in ("row", "col") for one in found.all("th"))
    for drawing in found.all("svg"):
        assert drawing["role"] == "img" and len(drawing["aria-labelledby"].split()) == 2
    assert len(found.all("title")) == len(found.all("desc")) + 1 == len(found.all("svg")) + 1
    for box in (one for one in found.all("div") if one.get("class") == "scroll"):
        assert box["tabindex"] == "0" and box["role"] == "group" and box["aria-label"]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (run(user()), "SMS sign-in was disabled for 1 of 1 user. SMS sign-in is now on for 0 users."),
        (
            run(user(1), user(2), unchanged(3), refused(4, "guest", "refused"), refused(5)),
            "SMS sign-in was disabled for 2 of 5 users; 1 needed no change, 1 was refused and 1 failed."
            " SMS sign-in is now on for 2 users.",
        ),
        (
            run(
                user(1, state="ready", previous_state="notEnabled"),
                unchanged(2, "ready"),
                state="enabled",
                check_mode=True,
            ),
            "SMS sign-in would be enabled for 1 of 2 users; 1 needs no change. Nothing was written."
            " SMS sign-in is on for 1 user.",
        ),
        (
            run(*(refused(number, "guest", "refused") for number in range(2)), refused(3), refused(4), check_mode=True),
            "SMS sign-in would be disabled for 0 of 4 users; 2 would be refused and 2 would fail.",
        ),
        (
            run(*(refused(number, "skipped", "skipped", state=None) for number in range(1200)), finished=False),
            "The run did not finish: this is the last state that it saved. SMS sign-in was disabled for 0 of 1,200 users;"
            " 1,200 were skipped. SMS sign-in is now on for 0 users. The state of 1,200 users is unknown.",
        ),
        (
            run(user(1, outcome="planned", state="ready"), user(2, outcome="deferred", state="ready")),
            "for 0 of 2 users; 1 was deferred and 1 was planned, with no known outcome.",
        ),
        (run(), "SMS sign-in was disabled for 0 of 0 users."),
        (audit(audited(1)), "SMS sign-in is on for 1 of 1 user. Their other sign-in methods were not read."),
        (audit(audited(1), sms_only=1), "SMS sign-in is on for 1 of 1 user. 1 of these has no usable other method."),
        (
            audit(audited(1), audited(2), sms_only=0),
            "SMS sign-in is on for 2 of 2 users. 0 of these have no usable other method.",
        ),
        (
            audit(audited(1, None, failed=True, reason="forbidden")),
            "SMS sign-in is on for 0 of 1 user. 1 user could not be read. The state of 1 user is unknown.",
        ),
    ],
)
def test_the_prose(document, words):
    # A run without users has a page too, written by report_path; the module refuses its JSON.
    assert words in Page(page([report_of(document)]).text).text


@pytest.mark.parametrize(
    ("cloud", "time", "words", "tile"),
    [
        ("global", "2026-11-26T18:00:00Z", "ends on 2027-02-01, 67 days after this report.", "67"),
        ("global", "2027-01-31T23:59:59Z", "ends on 2027-02-01, 1 day after this report.", "1"),
        ("global", "2027-02-01T00:00:00Z", "ended on 2027-02-01.", None),
        ("global", "2028-02-01T00:00:00Z", "ended on 2027-02-01.", None),
        ("global", "yesterday", "ends on 2027-02-01.", None),
        ("global", "2026-99-99T00:00:00Z", "ends on 2027-02-01.", None),
        ("usgov", "2026-11-26T18:00:00Z", "US Government clouds follow later; no date is printed.", None),
        ("usgov_dod", "2026-11-26T18:00:00Z", "US Government clouds follow later; no date is printed.", None),
        ("china", "2026-11-26T18:00:00Z", None, None),
        (None, "2026-11-26T18:00:00Z", None, None),
    ],
)
def test_the_facts_about_the_retirement(cloud, time, words, tile):
    text = page([report(run(user(), cloud=cloud, time=time))]).text
    assert (words in text) if words else ("retire" not in Page(text).text)
    assert re.findall(r"<b>([^<]*)</b> <span>Days until", text) == ([tile] if tile else [])


@pytest.mark.parametrize(
    ("document", "badge"),
    [
        (run(user()), "Applied"),
        (run(user(), check_mode=True), "Dry run: nothing was changed"),
        (audit(audited()), "Audit: read only"),
    ],
)
def test_the_mode_is_shown_beside_the_tenant(document, badge):
    assert f'<bdi>{TENANT}</bdi> <span class="badge">{badge}</span></h2>' in page([report(document)]).text


def headings(*documents, **more):
    text = page([report(one) for one in documents], **more).text
    return [re.sub(r"<[^>]*>", "", found) for found in re.findall(r"<summary>(.*?)</summary>", text)]


def test_failed_users_come_first():
    users = [
        user(1),
        unchanged(2),
        refused(3, "guest", "refused"),
        refused(4, "forbidden"),
        refused(5, "unverified"),
        refused(6, "unverified"),
        refused(7, "skipped", "skipped"),
        user(8, outcome="deferred"),
        user(9, outcome="planned"),
    ]
    assert headings(run(*users)) == [
        "Failed: unverified 2",
        "Failed: forbidden 1",
        "Planned, outcome not known 1",
        "Skipped 1",
        "Refused: guest 1",
        "Disabled 1",
        "Deferred 1",
    ]
    assert headings(run(user(1), refused(4, "guest", "refused"), refused(5), check_mode=True)) == [
        "Would fail: forbidden 1",
        "Would be refused: guest 1",
        "Would be disabled 1",
    ]


def test_a_table_has_no_empty_columns():
    def heads(*users, **more):
        text = page([report(run(*users, **more))]).text
        table = text[text.index('<table class="users">') :]
        return re.findall(r'<th scope="col">(.*?)</th>', table[: table.index("</thead>")])

    assert heads(user()) == ["User", "Before", "After", "Phone"]
    assert heads(user(), check_mode=True) == ["User", "Before", "Expected", "Phone"]
    assert heads(refused(phone_number=None, previous_state=None)) == ["User", "State"]
    one = refused(phone_number=None, previous_state=None, msg="Other words.", written=True, support=SUPPORT)
    assert heads(one) == ["User", "State", "Written to", "Message", "Support"]


def test_unknown_values_are_shown_as_unknown_not_zero():
    text = page([report(run(refused(1, state=None, previous_state=None)))]).text
    assert "<td>unknown</td>" in text and "the state of 1 user" in text
    audited_text = page([report(audit(audited(1)))]).text
    assert "<b>not read</b>" in audited_text and '<th scope="row">unknown</th><td class="n">1</td>' in audited_text


def test_an_audit_lists_other_methods_of_users():
    users = [
        audited(1, other_methods=["fido2", "password"]),
        audited(2, other_methods=["password"]),
        audited(3, other_methods=[]),
        audited(4, other_methods=None),
        audited(5, other_methods=["somethingNew"]),
        audited(6, "notEnabled", other_methods=["fido2"]),
    ]
    text = page([report(audit(*users, sms_only=3))]).text
    chart = text[text.index('<figure id="r1-methods"') :]
    chart = chart[: chart.index("</figure>")]
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td class="n">(\d)', chart)
    assert rows == [
        ("none", "1"),
        ("only a password and phones", "1"),
        ("unknown", "1"),
        ("passkey (FIDO2)", "1"),
        ("password", "1"),
        ("somethingNew", "1"),
    ]
    assert headings(audit(*users, sms_only=3)) == ["No other method than a password 1"]
    assert "Usable other methods" not in text


def test_users_with_other_methods_that_are_not_usable_have_a_table():
    users = [
        audited(1, other_methods=["fido2", "password"]),
        audited(2, other_methods=["password"]),
        audited(3, other_methods=["microsoftAuthenticator", "password"]),
        audited(4, other_methods=None),
        audited(5, other_methods=["somethingNew"]),
        audited(6, "notEnabled", other_methods=["email"]),
    ]
    document = audit(*users, sms_only=3, usable_methods=["fido2", "qrCodePin"])
    assert headings(document) == ["No other method than a password 1", "Other methods, but no usable one 2"]
    text = page([report(document)]).text
    assert "none of these methods is registered: passkey (FIDO2), QR code with PIN." in text
    assert "<dt>Usable other methods</dt><dd>passkey (FIDO2), QR code with PIN</dd>" in text


@pytest.mark.parametrize(("registered", "shown"), [(True, True), (False, False), (None, False), ("yes", False)])
def test_the_scope_says_what_the_registration_report_leaves_out(registered, shown):
    text = page([report(audit(audited(1), scope={"users": 0, "registered": registered}))]).text
    assert ("leaves out disabled accounts" in text) is shown


@pytest.mark.parametrize("number", ["+1 2065550142", "2065550142", "+12065550142x5"])
def test_a_full_number_in_a_report_is_masked(number):
    text = page([report(run(user(phone_number=number)))]).text
    assert "555" not in text and "********" in text


def test_known_states_keep_their_order_and_unknown_ones_are_shown():
    text = page(
        [
            report(
                run(*(unchanged(number, state) for number, state in enumerate(("somethingNew", "ready", "notEnabled"))))
            )
        ]
    ).text
    rows = re.findall(r'</span> <code>(\w+)</code> <span class="means">([^<]*)<', text)
    assert rows == [
        ("ready", "SMS sign-in on"),
        ("notEnabled", "SMS sign-in off"),
        ("somethingNew", "not known to this version"),
    ]


@pytest.mark.parametrize(("total", "rows", "omitted"), [(3, 3, 0), (300, 162, 0), (30_000, 1000, 15_200)])
def test_sizes(total, rows, omitted):
    made = page([report(large_run(total))])
    size = len(made.text.encode())
    assert size < MOST_BYTES and made.omitted == omitted
    assert made.text.count('<th scope="row"><bdi>') == rows
    assert f"<b>{total:,}</b> <span>Users</span>" in made.text
    # Each table says how many users it leaves out.
    omitted_rows = [int(number.replace(",", "")) for number in re.findall(r'class="more">([\d,]+) ', made.text)]
    assert sum(omitted_rows) == omitted
    assert not omitted or "The JSON report has every user." in made.text


def test_urgent_rows_are_kept_when_rows_are_cut():
    made = page([report(large_run(30_000))]).text
    first = made[made.index("Failed:") :]
    assert first.index('<th scope="row"><bdi>') < first.index("Refused:")
    assert "600 users are not listed here" in first[first.index("Refused:") :]


def long_names(total, tenant):
    return run(*(refused(number, user=f"{number}{'&' * 400}", msg="<" * 400) for number in range(total)), tenant=tenant)


def test_tenants_share_the_rows_equally():
    small = run(user(1), tenant="small.example")
    made = page([report(one) for one in (long_names(900, "a.example"), long_names(900, "b.example"), small)])
    assert MOST_BYTES * 0.95 < len(made.text.encode()) < MOST_BYTES
    parts = made.text.split('<section class="report')[1:]
    counts = [part.count('<th scope="row"><bdi>') for part in parts]
    assert counts[0] == counts[1] > 100 and counts[2] == 1
    assert made.omitted == 1800 - counts[0] - counts[1]


def test_rows_of_several_reports_of_a_tenant_count_together():
    first, second = large_run(3000), large_run(3000, check_mode=True, time="2026-11-25T18:00:00Z")
    assert page([report(first), report(second)]).text.count('<th scope="row"><bdi>') == 1000


def test_many_tenants_stay_below_the_limit():
    made = page([report(run(refused(1), tenant=f"{number}{HOSTILE * 9}.example")) for number in range(2000)])
    assert len(made.text.encode()) < MOST_BYTES
    assert "reports have no section on this page, for its size." in made.text
    assert "more reports are not listed here" in made.text


def test_extreme_sizes_stay_below_the_limit():
    users = [
        refused(number, f"{number}" + "&" * 600, state=f"{number}" + "<" * 600, user="'" * 600)
        for number in range(2000)
    ]
    made = page([report(run(*users))])
    assert len(made.text.encode()) < MOST_BYTES


def test_reasons_beyond_the_most_frequent_share_a_table():
    users = [refused(number, f"reason_{number % 25:02}") for number in range(100)]
    assert headings(run(*users))[-1] == "Failed: other reasons 20"


def test_the_same_reports_give_the_same_bytes_in_any_order():
    documents = [large_run(50, tenant=f"{number}.example") for number in range(5)] + [large_audit(20)]
    made = {page([report(one) for one in random.Random(seed).sample(documents, 6)]).text for seed in range(5)}
    assert len(made) == 1


def test_several_tenants_have_a_table_sorted_by_failures():
    text = page(
        [
            report(run(user(), tenant="calm.example")),
            report(run(refused(1), refused(2), tenant="worst.example")),
            report(run(refused(1), tenant="bad.example", check_mode=True)),
            report(audit(audited(1), tenant="calm.example")),
        ]
    ).text
    table = text[text.index('id="tenants"') : text.index("</section>")]
    assert re.findall(r'href="#(r\d)"><bdi>(\w+)\.', table) == [
        ("r1", "worst"),
        ("r2", "bad"),
        ("r3", "calm"),
        ("r4", "calm"),
    ]
    assert "4 reports of 3 tenants." in text
    assert re.findall(r'<h2 id="(r\d)"><bdi>(\w+)', text)[0] == ("r1", "worst")


def compared(now, before, **more):
    text = page([report(now)], [report({**before, "time": "2026-11-01T08:00:00Z"})]).text
    part = text[text.index('id="r1-since"') :]
    return [
        int(number) for number in re.findall(r'<td class="n">(\d+)</td></tr>', part[: part.index("</table>")])
    ], part


def test_a_comparison_counts_every_user_once():
    now = run(
        unchanged(1, "ready"),
        unchanged(2, "notEnabled"),
        unchanged(3, "notEnabled"),
        unchanged(4, "notAllowedByPolicy"),
        refused(5, state=None),
        unchanged(6, "ready"),
        unchanged(7, "ready", id=None, user="renamed@contoso.example"),
        unchanged(8, "ready", user="WORKER00010@contoso.example", id=None),
        unchanged(11, "ready", id="00000000-0000-4000-8000-999999999999"),
    )
    before = run(
        unchanged(1, "notEnabled"),
        unchanged(2, "ready", user="old-name@contoso.example"),
        unchanged(3, "notEnabled"),
        unchanged(4, "notEnabled"),
        unchanged(5, "ready"),
        unchanged(9, "ready"),
        unchanged(10, "ready"),
        unchanged(11, "ready"),
    )
    counts, part = compared(now, before)
    # On now, not on now, another state, the same, unknown, new, gone.
    assert counts == [1, 1, 1, 2, 1, 3, 2]
    assert "Since the report of 2026-11-01 08:00:00 UTC" in part
    for title in (
        "On now, not on before",
        "Not on now, on before",
        "Only in this report",
        "Only in the earlier report",
    ):
        assert part.count(f"{title} <span") == 1


def test_a_dry_run_is_compared_by_the_states_it_read():
    now = run(user(1, previous_state="ready", state="notEnabled"), check_mode=True)
    assert compared(now, run(unchanged(1, "ready")))[0] == [0, 0, 0, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("tenant", "time"),
    [
        ("other.example", "2026-11-01T00:00:00Z"),
        (TENANT, "2026-11-26T18:00:00Z"),
        (TENANT, "2026-12-01T00:00:00Z"),
        (TENANT, "?"),
    ],
)
def test_only_an_older_report_of_the_tenant_is_compared(tenant, time):
    made = page([report(run(user()))], [report(run(user(), tenant=tenant, time=time))])
    assert "Since the report of" not in made.text


def test_the_newest_of_the_older_reports_is_compared():
    earlier = [report(run(user(), time=f"2026-11-{day:02}T00:00:00Z")) for day in (3, 20, 9)]
    assert "Since the report of 2026-11-20" in page([report(run(user(), tenant="CONTOSO.example"))], earlier).text
    assert (
        "Since the report of"
        not in page([report(run(user(), tenant=None))], [one._replace(tenant=None) for one in earlier]).text
    )


def test_the_scope_is_stated():
    groups = [f"Group {number}" for number in range(7)]
    scope = {"users": 2, "groups": groups, "exclude_users": 0, "exclude_groups": []}
    text = page([report(run(user(), scope=scope))]).text
    facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text))
    assert re.sub("</?bdi>", "", facts.pop("Groups")) == "Group 0, Group 1, Group 2, Group 3, Group 4 and 2 more"
    assert facts == {
        "Users": "2 users given by name or object id",
        "Excluded users": "none",
        "Excluded groups": "none",
        "Not read": "nothing: every state was read",
        "Collection": "frontline.entra 1.0.0",
    }


def test_users_are_listed_by_name():
    users = [user(1, user="carl@x"), user(2, user="Anna@x"), user(3, user="ben@x")]
    assert re.findall(r'<tr><th scope="row"><bdi>(\w+)@x', page([report(run(*users))]).text) == ["Anna", "ben", "carl"]


def test_only_tables_with_problems_are_open():
    text = page([report(run(user(1), refused(2), refused(3, "guest", "refused"), user(4, outcome="deferred")))]).text
    assert re.findall(r"<details( open)?>", text) == [" open", " open", "", ""]


def test_reports_of_one_tenant_are_sorted_by_time():
    times = [f"2026-11-{day:02}T00:00:00Z" for day in (9, 3, 20)]
    text = page([report(run(user(), time=time)) for time in times]).text
    assert re.findall(r"state as read at 2026-11-(\d\d)", text) == ["03", "09", "20"]


def test_a_report_about_phone_numbers_names_numbers():
    def phones(*numbers):
        return [{"phone_type": "mobile", "phone_number": number} for number in numbers]

    users = [
        user(1, phones=phones("********21"), previous_phones=phones("********01"), msg=""),
        user(2, phones=phones("********22"), previous_phones=[], msg=""),
    ]
    applied = page([report(run(*users, state="present"))]).text
    foreseen = page([report(run(*users, state="absent", check_mode=True))]).text

    assert "Phone numbers were changed for 2 of 2 users." in applied
    assert "Phone numbers would be changed for 2 of 2 users." in foreseen
    assert "SMS sign-in was" not in applied and "Would be changed" in foreseen
    for text, heading in ((applied, "Numbers after"), (foreseen, "Numbers expected")):
        assert f'<th scope="col">Numbers before</th><th scope="col">{heading}</th>' in text
        assert "<td>mobile ********01</td><td>mobile ********21</td>" in text
        assert "<td>none</td><td>mobile ********22</td>" in text
