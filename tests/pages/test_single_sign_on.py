"""Signing in at an identity provider: whom its answers let in, and whom no lie lets in."""

from __future__ import annotations

import pytest

from api.authentication import COOKIE
from engine import (
    SYSTEM,
    IdentityPolicy,
    OperationQuery,
    ProcessEngine,
    create_user,
    departments_of,
    find_operations,
    get_user,
    identities_of,
    roles_of,
    set_roles,
)
from engine.database.tables import user_operation_log
from tests.engine.play import rows
from tests.pages.person import Person
from tests.pages.provided import CALLBACK, HANNA, House, Open, change, forger, house, key, opened, shared_app

__all__ = ["forger", "house", "key", "opened", "shared_app"]


# ---------------------------------------------------------------- who comes in


def test_a_verified_address_opens_the_account_that_has_it_and_from_then_on_the_subject_does(
    house: House, engine: ProcessEngine
) -> None:
    hanna, answer = house.visit()
    assert answer.location == "/"
    assert "Hanna Berg" in hanna.open("/").text_content()
    house.forger.userinfo = {"email": "somebody.else@example.org"}
    again, answer = house.visit()
    assert answer.location == "/"
    assert "Hanna Berg" in again.open("/").text_content()
    with engine.query(SYSTEM) as context:
        assert [(each.issuer, each.subject) for each in identities_of(context, "hanna")] == [
            (house.forger.issuer, "s-1")
        ]


def test_the_sign_in_page_offers_the_provider_and_keeps_where_one_was_going(house: House) -> None:
    hanna = Person(house.app)
    hanna.open("/tasks?view=late")
    assert "Sign in with Example ID" in hanna.says("//button")
    form = dict(hanna.form("/sign-in/oidc").form_values())
    brought = house.forger.consent(house.leave(hanna, **form))
    assert hanna.client.get(CALLBACK, query_string=brought).location == "/tasks?view=late"


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "/\\example.org"])
def test_nobody_is_led_to_another_site_afterwards(house: House, elsewhere: str) -> None:
    hanna = Person(house.app)
    brought = house.forger.consent(house.leave(hanna, next=elsewhere))
    assert hanna.client.get(CALLBACK, query_string=brought).location == "/"


def test_what_was_written_when_the_session_ended_comes_along(house: House) -> None:
    hanna = Person(house.app)
    written = '["/journeys/1/comment", [["message", "Ten minutes\' work"]]]'
    brought = house.forger.consent(house.leave(hanna, unsent=written))
    assert "Ten minutes" in hanna.client.get(CALLBACK, query_string=brought).text


def test_whoever_comes_in_has_a_fresh_session(house: House, engine: ProcessEngine) -> None:
    hanna = Person(house.app)
    hanna.client.set_cookie(COOKIE, "planted by somebody else")
    _, answer = house.visit(hanna)
    assert answer.location == "/"
    cookie = hanna.client.get_cookie(COOKIE)
    assert cookie is not None
    assert cookie.value != "planted by somebody else"
    maria = Person(house.app, "maria")
    before = maria.client.get_cookie(COOKIE)
    assert before is not None
    house.visit(maria)
    stranger = Person(house.app)
    stranger.client.set_cookie(COOKIE, before.value)
    assert stranger.client.get("/").location == "/sign-in"


def test_the_claim_that_the_operator_trusts_names_the_account(opened: Open, engine: ProcessEngine) -> None:
    change(engine, "hanna", user_name="hberg")
    house = opened(user_claim="upn")
    house.forger.userinfo = {"upn": "HBerg", "email": "isak@example.org", "email_verified": True}
    hanna, _ = house.visit()
    assert "Hanna Berg" in hanna.open("/").text_content()


def test_unknown_people_get_an_account_only_if_that_is_wished(opened: Open, engine: ProcessEngine) -> None:
    newcomer = {"email": "nora@example.org", "email_verified": True, "given_name": "Nora", "family_name": "Ek"}
    house = opened()
    house.forger.userinfo = newcomer
    person, answer = house.visit()
    house.nobody(answer, person, 403, "Nobody here is known by that account")
    house = opened(policy=IdentityPolicy(create=True))
    nora, answer = house.visit()
    assert answer.location == "/"
    assert "Nora Ek" in nora.open("/").text_content()
    with engine.query(SYSTEM) as context:
        assert get_user(context, "nora@example.org").email == "nora@example.org"
        assert roles_of(context, "nora@example.org") == set()


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"email": "nora@intranet"}, "no mail address"),
        ({"email": "nora@example.org", "upn": "nora ek"}, "no name for an account"),
    ],
)
def test_who_can_have_no_account_is_told_that_and_the_log_says_why(
    opened: Open, engine: ProcessEngine, told: dict[str, str], reason: str
) -> None:
    house = opened(user_claim="upn", policy=IdentityPolicy(create=True))
    house.forger.userinfo = {"email_verified": True, **told}
    person, answer = house.visit()
    house.nobody(answer, person, 403, "Your name or mail address there cannot be that of an account here")
    refused = [each.details for each in rows(engine, user_operation_log) if each.operation == "SignInRefused"]
    assert refused == [reason]


def test_the_provider_decides_departments_and_the_roles_that_are_named(opened: Open, engine: ProcessEngine) -> None:
    house = opened(groups_claim="groups", roles={"Drawers": "process-owner"})
    with engine.command(SYSTEM) as context:
        set_roles(context, "hanna", ["head-of-service"])
    house.forger.userinfo = {**HANNA, "groups": ["IT", "Drawers", "no such department"]}
    house.visit()
    with engine.query(SYSTEM) as context:
        assert departments_of(context, "hanna") == {"it"}
        assert roles_of(context, "hanna") == {"process-owner", "head-of-service"}
    house.forger.userinfo = {**HANNA, "_claim_names": {"groups": "src1"}}
    house.visit()
    with engine.query(SYSTEM) as context:
        assert departments_of(context, "hanna") == {"it"}
    house.forger.userinfo = dict(HANNA)
    house.visit()
    with engine.query(SYSTEM) as context:
        assert departments_of(context, "hanna") == set()
        assert roles_of(context, "hanna") == {"head-of-service"}


def test_the_last_administrator_stays_one_whatever_the_provider_says(opened: Open, engine: ProcessEngine) -> None:
    house = opened(groups_claim="groups", roles={"Admins": "camunda-admin"}, policy=IdentityPolicy(administrators=True))
    house.forger.userinfo = {"email": "admin@example.org", "email_verified": True, "groups": []}
    change(engine, "admin", email="admin@example.org")
    _, answer = house.visit()
    assert answer.location == "/"
    with engine.query(SYSTEM) as context:
        assert "camunda-admin" in roles_of(context, "admin")


# ---------------------------------------------------------------- whom nothing lets in


def test_an_address_that_is_not_verified_opens_nothing(house: House, engine: ProcessEngine) -> None:
    for claims in (
        {"email": "hanna@example.org"},
        {**HANNA, "email_verified": False},
        {**HANNA, "email_verified": "no"},
        {**HANNA, "email_verified": 1},
    ):
        house.forger.userinfo = claims
        person, answer = house.visit()
        house.nobody(answer, person, 403, "Nobody here is known by that account")
    with engine.query(SYSTEM) as context:
        refused = find_operations(context, OperationQuery(operation="SignInRefused"))
    assert [(each.entity_id, each.door, each.details) for each in refused] == [(None, "page", "unknown")] * 4


def test_a_name_that_people_choose_themselves_opens_nothing(house: House) -> None:
    house.forger.userinfo = {"preferred_username": "hanna", "nickname": "hanna", "name": "hanna"}
    person, answer = house.visit()
    house.nobody(answer, person, 403, "Nobody here is known by that account")


def test_two_accounts_with_the_address_are_one_too_many(house: House, engine: ProcessEngine) -> None:
    with engine.command(SYSTEM) as context:
        create_user(context, "other", email="HANNA@example.org")
    person, answer = house.visit()
    house.nobody(answer, person, 403, "Nobody here is known by that account")


def test_who_is_not_active_stays_out_with_or_without_a_link(opened: Open, engine: ProcessEngine) -> None:
    house = opened(policy=IdentityPolicy(create=True))
    change(engine, "hanna", active=False)
    person, answer = house.visit()
    house.nobody(answer, person, 403, "Your account here is not active")
    change(engine, "hanna", active=True)
    assert house.visit()[1].location == "/"
    change(engine, "hanna", active=False)
    person, answer = house.visit()
    house.nobody(answer, person, 403, "Your account here is not active")


def test_an_administrator_is_opened_by_no_address_unless_that_is_wished(opened: Open, engine: ProcessEngine) -> None:
    change(engine, "admin", email="boss@example.org")
    house = opened()
    house.forger.userinfo = {"email": "boss@example.org", "email_verified": True}
    person, answer = house.visit()
    house.nobody(answer, person, 403, "Sign in as administrator with your password")
    assert opened(policy=IdentityPolicy(administrators=True)).visit()[1].location == "/"


def test_an_address_that_was_given_to_somebody_new_does_not_open_the_old_account(house: House) -> None:
    assert house.visit()[1].location == "/"
    house.forger.subject = "s-2"
    person, answer = house.visit()
    house.nobody(answer, person, 403, "Another account there opens yours here")


def test_a_guest_comes_in_by_their_link_only(house: House, engine: ProcessEngine) -> None:
    with engine.command(SYSTEM) as context:
        set_roles(context, "hanna", ["guest"])
    person, answer = house.visit()
    house.nobody(answer, person, 403, "Your account here is not active")


# ---------------------------------------------------------------- out again, and one's own account


def test_who_came_from_there_signs_out_there_too(house: House) -> None:
    hanna, _ = house.visit()
    answer = hanna.post("/sign-out")
    led = house.led(answer)
    assert led.startswith(
        f"{house.forger.issuer}/bye?client_id=onedoor&post_logout_redirect_uri=http%3A%2F%2Flocalhost"
    )
    assert "id_token_hint=eyJ" in led
    assert hanna.client.get("/").location == "/sign-in"
    maria = Person(house.app, "maria")
    assert maria.post("/sign-out").location == "/sign-in"


def test_somebody_who_is_signed_in_connects_their_account_and_takes_it_apart(
    house: House, engine: ProcessEngine
) -> None:
    change(engine, "admin", email=None)
    house.forger.userinfo = {}
    admin = Person(house.app, "admin")
    brought = house.forger.consent(house.led(admin.post("/account/identities")))
    assert admin.client.get(CALLBACK, query_string=brought).location == "/account"
    admin.open("/account")
    assert "From now on you may sign in with Example ID." in admin.says("//*[@role='status']")
    again, answer = house.visit()
    assert answer.location == "/"
    assert "Administration" in again.open("/").text_content()
    hanna = Person(house.app, "hanna")
    brought = house.forger.consent(house.led(hanna.post("/account/identities")))
    hanna.client.get(CALLBACK, query_string=brought)
    hanna.open("/account")
    assert "opens somebody else's here" in hanna.says("//*[@role='status']")
    admin.open("/account")
    admin.send("/account/identities/remove")
    person, answer = house.visit()
    house.nobody(answer, person, 403, "Nobody here is known by that account")


def test_an_account_is_connected_only_by_whoever_began(house: House) -> None:
    admin = Person(house.app, "admin")
    brought = house.forger.consent(house.led(admin.post("/account/identities")))
    admin.sign_in("hanna")
    answer = admin.client.get(CALLBACK, query_string=brought)
    assert answer.status_code == 403
    assert "connect the account again" in answer.text


def test_without_a_provider_there_is_no_such_door(house: House) -> None:
    house.app.extensions["onedoor_oidc"] = None
    client = house.app.test_client()
    assert "Example ID" not in client.get("/sign-in").text
    assert client.get(CALLBACK).status_code == 404
    assert client.post("/sign-in/oidc", headers={"Origin": "http://localhost"}).status_code == 404
