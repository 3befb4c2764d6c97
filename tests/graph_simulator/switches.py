# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpublished behaviour of Graph, as named switches with one default each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(slots=True)
class Switches:
    """One field per unknown fact. Set them in the tenant file, by ``Simulator.switch`` or ``POST /switches``."""

    # -- refused enableSmsSignIn ------------------------------------------------------------------------------------
    policy_refusal_status: int = 400
    """Status when the SMS policy does not let the user sign in; 400, 403, 405 and 409 were all reported."""
    policy_refusal_code: str = "disabledByPolicy"
    """Code of that refusal; published nowhere."""
    policy_refusal_message: str = (
        "Cannot enable SMS sign-in on phone auth method as the credential policy is not enabled on user"
    )
    """Message of that refusal; "Can not enable Sms sign in on ..." was reported too."""
    unique_refusal_status: int = 409
    """Status when the number already signs in another user; also of POST and PATCH of a number."""
    unique_refusal_code: str = "phoneNumberNotUnique"
    """Code of that refusal."""
    unique_refusal_message: str = "The phone number {number} is already in use for sign-in."
    """``{number}`` becomes the full number, which a client must not repeat."""
    unsupported_refusal_status: int = 400
    """Status for enabling or disabling an alternate mobile or office number."""
    unsupported_refusal_code: str = "notSupported"
    """Code of that refusal."""
    refusal_code_form: str = "outer"
    """Where a refusal carries its code: ``outer`` error.code, ``inner`` innerError.code below UnknownError,
    ``nested`` one innerError deeper, ``details`` the first of error.details, ``empty`` nowhere (error.code is ""),
    ``backend`` UnknownError with a JSON text as its message."""
    inner_error_name: str = "innerError"
    """``innerError`` or ``innererror``; both spellings occur."""

    # -- phone methods -----------------------------------------------------------------------------------------------
    missing_method_code: str = "resourceNotFound"
    """Code of the 404 for a phone method that the user does not have; ``itemNotFound`` is the other candidate."""
    missing_user_code: str = "Request_ResourceNotFound"
    """Code of the 404 for a user that does not exist, under ``/authentication``; or ``resourceNotFound``."""
    existing_method_status: int = 400
    """Status of adding a phone of a type that the user has already; 409 is the other candidate."""
    existing_method_code: str = "badRequest"
    """Code of that refusal."""
    phone_created: int = 201
    """Status of adding a phone: 201 on its reference page, 200 in a tutorial."""
    phone_rule_status: int = 400
    """Status of what the rules of phone methods forbid: an alternate mobile phone without a mobile phone, removing a
    mobile phone that has an alternate, removing the default method; 409 is the other candidate."""
    phone_rule_code: str = "badRequest"
    """Code of these refusals; published nowhere."""
    phone_rule_message: bool = True
    """These refusals say which rule it was; false leaves their message empty."""
    bad_number_code: str = "invalidPhoneNumber"
    """Code of the 400 for a number in a wrong format; ``badRequest`` is the other candidate."""
    cut_off: float = 60.0
    """Seconds after which the service gives up on a call of phone methods or their policy: 504, without effect."""
    wrong_method_id: str = "backend"
    """An id that is no phone method (or one in capitals): ``backend`` 404 with leaked text, ``clean`` 400."""
    enable_when_ready: int = 204
    """Status of enabling a number that is ready: 204, or a 4xx."""
    disable_when_off: int = 204
    """Status of disabling a number that is not enabled: 204, or a 4xx."""
    action_success: int = 204
    """Status of a successful enable or disable; an older page promised 200."""
    action_body: str = "empty_object"
    """A body on enable and disable outside ``$batch``: ``refuse``, ``empty_object`` (only ``{}``) or ``any``."""
    by_name: str = "works"
    """``noop``: writes that address a user by name answer 204 and do nothing."""
    visibility_lag: float = 0.0
    """Seconds until reads show a write; the ``lag`` of a user takes precedence."""
    release_lag: float = 0.0
    """Seconds after its disable until a number may sign in another user."""
    guest_state: str | None = "notSupported"
    """smsSignInState of guests (SMS sign-in is not for them); null treats them like members."""
    phone_query_options: bool = True
    """``$select``, and ``$filter=phoneType eq '...'`` on the list, are understood although undocumented."""
    auto_registration: bool = True
    """Adding or changing a mobile number attempts to register it for sign-in when the policy allows it."""
    taken_number_saved: bool = True
    """The 409 of a number that signs in another user comes after the number was stored."""
    not_unique_sticks: bool = False
    """phoneNumberNotUnique stays after the holder has released the number, until the next attempt."""
    masks_for_all: bool = False
    """Numbers are masked for every caller, applications too."""
    mask_character: str = "X"
    """Character that masks numbers shown to an Authentication Administrator; the last two digits stay."""
    fresh_mfa: bool = False
    """Writes on ``/me`` need a token with ``ngcmfa`` in its ``amr`` claim, else 403 with a claims challenge."""

    # -- directory ---------------------------------------------------------------------------------------------------
    narrow_members: str = "nulls"
    """What member reads show to callers without a permission on users: ``nulls`` or ``full``."""
    basic_shows_account: bool = False
    """Permissions of the ReadBasic kind show accountEnabled and userType of users."""
    hidden_members: str = "forbidden"
    """Members of a hidden-membership group without Member.Read.Hidden: ``forbidden`` (403) or ``empty``."""
    page_size: int = 100
    """Objects per page when ``$top`` is not given."""
    top_over_limit: str = "refuse"
    """``$top`` above 999: ``refuse``, ``clamp`` or ``ignore`` (a page of ``page_size``)."""
    empty_page: bool = False
    """The second page of a list is empty and links to a third."""

    # -- policy ------------------------------------------------------------------------------------------------------
    policy_wrapped: bool = False
    """The SMS policy is answered inside ``{"value": ...}``, as in one documentation sample."""
    policy_include_targets: str = "replace"
    """``includeTargets`` in a PATCH of the policy: ``replace`` or ``refuse``."""
    policy_omitted_sign_in: str = "on"
    """What a target without ``isUsableForSignIn`` in a PATCH becomes: ``on``, ``off`` or ``refuse``."""
    policy_checks_targets: bool = True
    """A PATCH with a target that does not exist is refused, also where the policy has it already."""
    policy_read_all: bool = True
    """Policy.Read.All opens the SMS policy by itself; a page names it for the policy of all methods only."""
    policy_lag: float = 0.0
    """Seconds until an edit of the SMS policy affects users."""
    policy_read_lag: float = 0.0
    """Seconds until reads of the SMS policy show an edit."""

    # -- $batch ------------------------------------------------------------------------------------------------------
    batch_order_seed: int | None = 0
    """Seed of the shuffled order of batch answers; null keeps the order of the requests."""
    batch_action_body: str = "required"
    """Body and Content-Type of a POST item without parameters: ``required`` (send ``{}``) or ``optional``."""
    batch_throttled_outer: int = 200
    """Status of a batch with a throttled item: 200 or 424."""
    batch_no_content_body: str = "null"
    """``body`` of a 204 item: ``absent``, ``null`` or ``empty`` (``{}``)."""

    # -- report ------------------------------------------------------------------------------------------------------
    report_accepts_method_permission: bool = False
    """UserAuthenticationMethod.Read.All grants the registration report, as one permission table says."""
    report_refusal_code: str = "Authentication_MSGraphPermissionMissing"
    """Code of the 403 without permission for the registration report; ``accessDenied`` and
    ``Authorization_RequestDenied`` are the other candidates."""
    report_filters_unlisted: bool = True
    """``$filter`` on userType and isAdmin of the registration report works, which no page promises."""
    report_lists_unregistered: bool = False
    """The registration report lists users without methods too, as Microsoft's sample does."""
    report_page_size: int = 999
    """Users on a page of the registration report at most, whatever ``$top`` asks for."""
    report_stale: bool = False
    """The registration report shows the tenant as it was loaded."""
    report_lag: float = 0.0
    """Seconds by which the registration report lags; minutes to hours are usual."""
    premium: bool = True
    """The tenant has the licence (Entra ID P1 or better) that the registration report needs; else 403."""

    # -- clouds and tokens -------------------------------------------------------------------------------------------
    cloud: str = "global"
    """``china``: enable, disable and the SMS policy do not exist."""
    token_lifetime: int = 3599
    """``expires_in`` of issued tokens, seconds."""
    opaque_tokens: bool = False
    """Clients cannot read the claims of issued tokens, as Microsoft may make it for Graph's."""
    request_id_header: bool = True
    """Answers have a ``request-id``; some faulty ones lack it."""

    def set(self, name: str, value: Any) -> None:
        """Set one switch; raises ValueError for an unknown name or a value of another type."""
        kinds = {
            "int": (int,),
            "float": (int, float),
            "str": (str,),
            "bool": (bool,),
            "str | None": (str, type(None)),
            "int | None": (int, type(None)),
        }
        declared = {field.name: str(field.type) for field in fields(self)}
        if name not in declared:
            raise ValueError(f"unknown switch {name!r}; there are: {', '.join(declared)}")
        if not isinstance(value, kinds[declared[name]]) or (isinstance(value, bool) and declared[name] != "bool"):
            raise ValueError(f"switch {name} takes {declared[name]}, not {value!r}")
        choices = CHOICES.get(name)
        if choices and value not in choices:
            raise ValueError(f"switch {name} takes one of {', '.join(choices)}, not {value!r}")
        setattr(self, name, value)


CHOICES: Mapping[str, tuple[str, ...]] = {
    "refusal_code_form": ("outer", "inner", "nested", "details", "empty", "backend"),
    "inner_error_name": ("innerError", "innererror"),
    "wrong_method_id": ("backend", "clean"),
    "action_body": ("refuse", "empty_object", "any"),
    "by_name": ("works", "noop"),
    "narrow_members": ("nulls", "full"),
    "hidden_members": ("forbidden", "empty"),
    "top_over_limit": ("refuse", "clamp", "ignore"),
    "policy_include_targets": ("replace", "refuse"),
    "policy_omitted_sign_in": ("on", "off", "refuse"),
    "batch_action_body": ("required", "optional"),
    "batch_no_content_body": ("absent", "null", "empty"),
    "cloud": ("global", "china"),
}


def load_switches(given: Mapping[str, Any]) -> Switches:
    """The defaults with the given values on top."""
    switches = Switches()
    for name, value in given.items():
        switches.set(name, value)
    return switches
