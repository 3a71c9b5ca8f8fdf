"""Uploading and drawing flows in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bpmn import read
from engine import SYSTEM, DefinitionQuery, definition_xml, find_definitions
from tests.browser.conftest import SignIn, Site
from tests.browsing import Complaints, picture

pytestmark = pytest.mark.browser

ONBOARDING = Path(__file__).resolve().parents[2] / "examples" / "onboarding.bpmn"
WITHOUT_DRAWING = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">'
    '<process id="small" name="Small" isExecutable="true"><startEvent id="begin"/>'
    '<sequenceFlow id="f1" sourceRef="begin" targetRef="look"/><userTask id="look" name="Look"/>'
    '<sequenceFlow id="f2" sourceRef="look" targetRef="done"/><endEvent id="done"/></process></definitions>'
)


def studio(page: Page, key: str) -> None:
    page.goto(f"/flows/{key}/edit")
    expect(page.locator("body[data-ready=studio]")).to_have_count(1)


def source(site: Site, key: str) -> bytes:
    """The newest version as it was deployed."""
    with site.engine.query(SYSTEM) as context:
        (found,) = find_definitions(context, DefinitionQuery(key=key, latest_version=True))
        return definition_xml(context, found.id)


def test_a_file_is_uploaded_and_drawn_though_it_has_no_coordinates(sign_in: SignIn, tmp_path: Path) -> None:
    (tmp_path / "small.bpmn").write_text(WITHOUT_DRAWING)
    olle = sign_in("olle")
    olle.goto("/flows")
    olle.get_by_label("BPMN file").set_input_files(tmp_path / "small.bpmn")
    olle.get_by_role("button", name="Upload and publish").click()
    expect(olle.get_by_role("heading", level=1)).to_have_text("Small")
    expect(olle.locator("g[data-element-id=look]")).to_have_count(1)
    expect(olle.locator(".bjs-powered-by")).to_be_visible()


def test_a_file_that_is_no_flow_is_answered_with_problems_in_words(
    sign_in: SignIn, tmp_path: Path, complaints: Complaints
) -> None:
    (tmp_path / "lost.bpmn").write_text(WITHOUT_DRAWING.replace('targetRef="done"', 'targetRef="nowhere"'))
    olle = sign_in("olle")
    olle.goto("/flows")
    olle.get_by_label("BPMN file").set_input_files(tmp_path / "lost.bpmn")
    olle.get_by_role("button", name="Upload and publish").click()
    expect(olle.get_by_role("alert")).to_contain_text("nowhere")
    picture(olle, "upload-refused")
    assert [each for each in complaints if "400" not in each] == []
    complaints.clear()


@pytest.mark.parametrize("place", ["[data-drop]", "h1"])
def test_a_file_is_dropped_anywhere_on_the_page(sign_in: SignIn, place: str) -> None:
    olle = sign_in("olle")
    olle.goto("/flows")
    dropped = olle.evaluate_handle(
        "(text) => { const data = new DataTransfer();"
        "data.items.add(new File([text], 'small.bpmn', {type: 'application/xml'})); return data; }",
        WITHOUT_DRAWING,
    )
    olle.locator(place).dispatch_event("drop", {"dataTransfer": dropped})
    expect(olle.get_by_role("heading", level=1)).to_have_text("Small")


def test_a_change_in_the_panel_is_published_as_a_new_version(sign_in: SignIn, site: Site) -> None:
    olle = sign_in("olle")
    studio(olle, "access_request")
    olle.locator("#outline button").nth(1).click()
    name = olle.get_by_label("Name", exact=True)
    name.fill("Look at the wish closely")
    name.press("Tab")
    expect(olle.locator("#outline")).to_contain_text("Look at the wish closely")
    expect(olle.locator("#status")).to_have_text("Unsaved changes")
    picture(olle, "studio")
    olle.get_by_role("button", name="Save draft").click()
    expect(olle.locator("#status")).to_have_text("Draft saved")
    olle.get_by_role("button", name="Publish").click()
    expect(olle.get_by_role("status")).to_contain_text("version 2")
    assert b"Look at the wish closely" in source(site, "access_request")


def test_what_is_being_typed_survives_a_change_elsewhere(sign_in: SignIn) -> None:
    olle = sign_in("olle")
    studio(olle, "access_request")
    olle.locator("#outline button").nth(1).click()
    olle.get_by_label("Name", exact=True).fill("Something")
    guidance = olle.get_by_label("Guidance for whoever does this")
    guidance.fill("")
    olle.keyboard.type("Look at")
    expect(olle.locator("#outline")).to_contain_text("Something")
    expect(guidance).to_be_focused()
    olle.keyboard.type(" the cost")
    expect(guidance).to_have_value("Look at the cost")
    expect(olle.get_by_label("Name", exact=True)).to_have_value("Something")


def test_nothing_of_the_example_is_lost_in_the_studio(sign_in: SignIn, site: Site) -> None:
    """Every form, date, translation and listener that the reader knows is there after saving in the browser."""
    olle = sign_in("olle")
    studio(olle, "onboarding")
    olle.get_by_role("button", name="Save draft").click()
    expect(olle.locator("#status")).to_have_text("Draft saved")
    kept = olle.request.get(f"{site.url}/flows/onboarding/draft.bpmn").body()
    (before,), (after,) = read(ONBOARDING.read_bytes()).processes, read(kept).processes
    assert set(after.nodes) == set(before.nodes)
    for element_id, node in before.nodes.items():
        same = after.nodes[element_id]
        for known in ("name", "properties", "form", "due_date", "candidate_groups", "assignee", "documentation"):
            assert getattr(same, known, None) == getattr(node, known, None), (element_id, known)


def test_the_drawing_tools_speak_swedish(sign_in: SignIn) -> None:
    olle = sign_in("olle", locale="sv-SE")
    studio(olle, "access_request")
    olle.locator("#outline button").nth(2).click()
    said = olle.locator(":is(.djs-palette, .djs-context-pad) :is([title], [aria-label])").evaluate_all(
        "all => all.map((each) => each.title || each.getAttribute('aria-label'))"
    )
    olle.locator(".djs-context-pad [data-action=replace]").click()
    said += olle.locator(".djs-popup-label").all_inner_texts()
    assert {"Starthändelse", "Ta bort", "Beslutstabell"} <= set(said)
    assert [each for each in said if {"Create", "Append", "task", "Delete", "Activate"} & set(each.split())] == []


def test_a_draft_is_saved_after_signing_in_again_in_another_tab(
    sign_in: SignIn, site: Site, complaints: Complaints
) -> None:
    olle = sign_in("olle")
    studio(olle, "access_request")
    olle.locator("#outline button").nth(1).click()
    olle.get_by_label("Name", exact=True).fill("Kept")
    olle.context.clear_cookies()
    olle.get_by_role("button", name="Save draft").click()
    expect(olle.locator("#status")).to_have_text("You are signed out. Sign in in another tab, then try again here.")
    other = olle.context.new_page()
    other.goto("/sign-in")
    other.locator("button[name=user][value=olle]").click()
    other.wait_for_url(f"{site.url}/")
    other.close()
    olle.get_by_role("button", name="Save draft").click()
    expect(olle.locator("#status")).to_have_text("Draft saved")
    assert b"Kept" in olle.request.get("/flows/access_request/draft.bpmn").body()
    assert [each for each in complaints if "401" not in each and "403" not in each] == []
    complaints.clear()


def test_a_task_without_a_department_of_its_own_shows_that_of_its_lane(sign_in: SignIn) -> None:
    olle = sign_in("olle")
    studio(olle, "access_request")
    olle.get_by_role("button", name="Grant the access").click()
    department = olle.get_by_label("Department")
    department.select_option("")
    assert department.evaluate("each => each.selectedOptions[0].text") == "As its lane: IT"


def test_a_due_date_is_said_in_working_days(sign_in: SignIn) -> None:
    olle = sign_in("olle")
    studio(olle, "access_request")
    olle.get_by_role("button", name="Approve the need").click()
    days = olle.get_by_label("Due, working days after it comes")
    expect(days).to_have_value("1")
    expect(olle.get_by_label("Due, working days from the first day")).to_have_count(0)
    days.fill("3")
    olle.get_by_role("button", name="Save draft").click()
    expect(olle.locator("#status")).to_have_text("Draft saved")
    assert b'dueDate="${workday(now(), 3)}"' in olle.request.get("/flows/access_request/draft.bpmn").body()
    studio(olle, "onboarding")
    olle.get_by_role("button", name="Badge and keys").click()
    expect(olle.get_by_label("Due, working days from the first day")).to_have_value("-3")


def test_undo_takes_back_what_was_changed(sign_in: SignIn) -> None:
    olle = sign_in("olle")
    studio(olle, "access_request")
    second = olle.locator("#outline button").nth(1)
    before = second.inner_text()
    second.click()
    name = olle.get_by_label("Name", exact=True)
    name.fill("Something else")
    name.press("Tab")
    expect(olle.locator("#outline")).to_contain_text("Something else")
    olle.get_by_role("button", name="Undo").click()
    expect(olle.locator("#outline button").nth(1)).to_have_text(before)


def test_a_new_flow_is_drawn_from_the_list_with_the_keyboard_and_published(sign_in: SignIn) -> None:
    olle = sign_in("olle")
    olle.goto("/flows/new")
    olle.get_by_label("What is it called?").fill("Office relocation")
    olle.get_by_role("button", name="Draw it").click()
    expect(olle.locator("body[data-ready=studio]")).to_have_count(1)
    olle.locator("#outline button").first.press("Enter")
    olle.get_by_role("button", name="Add a task after").press("Enter")
    name = olle.get_by_label("Name", exact=True)
    name.fill("Pack the boxes")
    name.press("Tab")
    olle.get_by_label("Department").select_option("facilities")
    expect(olle.locator("#outline")).to_contain_text("Pack the boxes")
    olle.get_by_role("button", name="Save draft").click()
    expect(olle.locator("#status")).to_have_text("Draft saved")


def test_a_task_is_kept_from_whoever_did_another_one(sign_in: SignIn) -> None:
    olle = sign_in("olle")
    studio(olle, "access_request")
    olle.get_by_role("button", name="Approve the need").click()
    duties = olle.get_by_role("group", name="Not for whoever")
    expect(duties.get_by_label("started the journey")).to_be_checked()
    expect(duties.get_by_label("did “Approve the need”")).to_have_count(0)
    duties.get_by_label("did “Grant the access”").focus()
    olle.keyboard.press("Space")
    olle.get_by_role("button", name="Save draft").click()
    expect(olle.locator("#status")).to_have_text("Draft saved")
    picture(olle, "studio-duties")
    (drawn,) = read(olle.request.get("/flows/access_request/draft.bpmn").body()).processes
    assert drawn.nodes["approve_need"].properties["notBy"] == "starter, grant_access"
    for label in ("started the journey", "did “Grant the access”"):
        duties.get_by_label(label).press("Space")
    olle.get_by_role("button", name="Save draft").click()
    expect(olle.locator("#status")).to_have_text("Draft saved")
    assert b"notBy" not in olle.request.get("/flows/access_request/draft.bpmn").body()


def test_separation_of_duties_is_offered_in_swedish(sign_in: SignIn) -> None:
    olle = sign_in("olle", locale="sv-SE")
    studio(olle, "access_request")
    olle.get_by_role("button", name="Approve the need").click()
    duties = olle.get_by_role("group", name="Inte för den som")
    expect(duties.get_by_label("startade ärendet")).to_be_visible()
    expect(duties.get_by_label("gjorde ”Grant the access”")).to_be_visible()
