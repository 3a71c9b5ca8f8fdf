"""My absence, and what the substitute finds in My work."""

from __future__ import annotations

from collections.abc import Callable

from tests.pages.person import Person

Somebody = Callable[..., Person]
AWAY = {"first_day": "2027-03-01", "last_day": "2027-03-05", "substitute": "fatima"}


def test_a_substitute_finds_the_waiting_task_marked_and_finishes_it(somebody: Somebody, journey: str) -> None:
    hanna, fatima = somebody("hanna"), somebody("fatima")
    fatima.open("/tasks?view=all")
    assert "Verify signed contract" not in fatima.says("//main")
    hanna.open("/absence")
    assert hanna.page.xpath("//select[@id='substitute']/option[@selected]/@value") == ["olle"]
    hanna.send("/absence", AWAY)
    assert "Substitute: Fatima Rahimi" in hanna.says("//main")
    fatima.open("/")
    assert "1 for somebody who is away." in fatima.says("//main")
    assert "You stand in for Hanna Berg" in fatima.says("//main")
    assert "Nothing waits for you." not in fatima.says("//main")
    assert "Verify signed contract" in fatima.says("//section[contains(., 'In the place of somebody who is away')]")
    fatima.open("/tasks")
    assert "for Hanna Berg" in fatima.says("//td[@class='main']")
    address = fatima.link("Verify signed contract and start data", "/tasks/")
    fatima.open(address)
    assert "You stand in for Hanna Berg, who is away." in fatima.says("//main")
    fatima.send(f"{address}/claim")
    fatima.open("/tasks?view=mine")
    assert "for Hanna Berg" in fatima.says("//td[@class='main']")
    fatima.open(address)
    fatima.send(f"{address}/complete")
    assert "Done for Hanna Berg: Verify signed contract" in fatima.says("//*[@role='status']")
    hanna.open("/")
    assert "Fatima Rahimi finished “Verify signed contract and start data” for you" in hanna.says("//main")
    maria = somebody("maria")
    maria.open(journey)
    assert "Fatima Rahimi completed Verify signed contract and start data for Hanna Berg" in maria.says(
        "//ol[@class='timeline']"
    )


def test_who_stands_in_for_nobody_has_no_such_view(somebody: Somebody, journey: str) -> None:
    fatima = somebody("fatima")
    fatima.open("/tasks?view=substituting")
    assert "As a substitute" not in fatima.says("//nav[@class='tabs']")


def test_days_that_cannot_be_are_said_and_what_was_chosen_stays(somebody: Somebody) -> None:
    hanna = somebody("hanna")
    hanna.open("/absence")
    hanna.send("/absence", {**AWAY, "last_day": "2027-02-01", "first_day": "2027-02-01"}, status=400)
    assert "is over" in hanna.says("//*[@role='alert']")
    assert hanna.page.xpath("//input[@id='last_day']/@value") == ["2027-02-01"]
    assert hanna.page.xpath("//select[@id='substitute']/option[@selected]/@value") == ["fatima"]
    hanna.send("/absence", {**AWAY, "first_day": ""}, status=400)
    hanna.send("/absence", AWAY)
    hanna.send("/absence", AWAY, status=409)


def test_a_manager_sets_and_ends_the_absence_of_their_people_and_nobody_else_does(somebody: Somebody) -> None:
    sven = somebody("sven")
    sven.open("/absence")
    sven.open(sven.link("Isak Nyström", "/absence"))
    sven.send("/absence", AWAY)
    assert sven.says("//h1") == "Absence of Isak Nyström"
    ending = str(sven.page.xpath("//form[contains(@action, '/end')]/@action")[0])
    hanna = somebody("hanna")
    hanna.open("/absence?for=isak", 403)
    assert hanna.post("/absence", {**AWAY, "for": "isak"}).status_code == 403
    assert hanna.post(ending).status_code == 404
    assert somebody("fatima").post(ending).status_code == 403
    sven.send(ending)
    assert "None is set." in sven.says("//main")


def test_the_page_says_who_acts_now_when_the_substitute_is_away_too(somebody: Somebody) -> None:
    hanna, fatima = somebody("hanna"), somebody("fatima")
    hanna.open("/absence")
    hanna.send("/absence", AWAY)
    fatima.open("/absence")
    assert "Hanna Berg" in fatima.says("//section[contains(., 'You stand in for')]")
    fatima.send("/absence", {**AWAY, "substitute": "sara"})
    hanna.open("/absence")
    assert "who is away too: Sara Holm acts now." in hanna.says("//main")
    sara = somebody("sara", language="sv")
    sara.open("/absence")
    sara.send("/absence", {**AWAY, "substitute": "hanna"})
    assert "alla i kedjan är borta" in sara.says("//main")
