"""Deploying files, finding versions, taking them away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import (
    SYSTEM,
    Actor,
    Conflict,
    DefinitionQuery,
    DeploymentQuery,
    InvalidInput,
    ModelRefused,
    NotAllowed,
    NotFound,
    ProcessEngine,
    TestClock,
    count_definitions,
    count_deployments,
    definition_model,
    definition_xml,
    delete_deployment,
    deploy_resources,
    find_definitions,
    find_deployments,
    get_definition,
    get_deployment,
    get_resource,
    get_resources,
    latest_definition,
)
from engine.database.tables import (
    deployment,
    event_subscription,
    historic_activity_instance,
    historic_process_instance,
    historic_variable_instance,
    process_definition,
    process_instance,
    resource,
)
from engine.deploying import DeploymentResult
from tests.engine.play import END, HANNA, OWNER, START, TWO_TASKS, bpmn, deploy, flow, jobs, rows, start, user_task

OTHER = bpmn(START + user_task("only") + END + flow("start", "only", "end"), "other")


def put(engine: ProcessEngine, *files: tuple[str, bytes], name: str = "n", **more: bool) -> DeploymentResult:
    with engine.command(OWNER) as context:
        return deploy_resources(context, name, files, source="test", **more)


def test_every_deployment_is_a_new_version_with_an_id_of_key_version_and_uuid(engine: ProcessEngine) -> None:
    first, second = deploy(engine, TWO_TASKS), deploy(engine, TWO_TASKS)
    assert first.startswith("p:1:")
    assert second.startswith("p:2:")
    with engine.query(SYSTEM) as context:
        assert latest_definition(context, "p").id == second
        assert get_definition(context, first).version == 1


def test_a_process_with_a_long_key_gets_an_id_of_at_most_64_characters(engine: ProcessEngine) -> None:
    key = "k" * 100
    definition = deploy(engine, bpmn(START + END + flow("start", "end"), key))
    assert len(definition) <= 64
    instance = start(engine, key)
    assert rows(engine, historic_process_instance)[0].definition_version == 1
    assert instance.definition_id == definition


def test_an_unchanged_file_deployed_again_makes_no_new_version_if_duplicates_are_filtered(
    engine: ProcessEngine,
) -> None:
    first = put(engine, ("a.bpmn", TWO_TASKS), filter_duplicates=True)
    again = put(engine, ("a.bpmn", TWO_TASKS), filter_duplicates=True)
    assert (again.unchanged, again.definitions, again.deployment) == (True, (), first.deployment)
    elsewhere = put(engine, ("a.bpmn", TWO_TASKS), name="another", filter_duplicates=True)
    assert not elsewhere.unchanged
    assert elsewhere.definitions[0].version == 2


def test_with_one_changed_file_all_are_deployed_or_only_that_one_if_so_asked(engine: ProcessEngine) -> None:
    put(engine, ("a.bpmn", TWO_TASKS), ("b.bpmn", OTHER))
    changed = OTHER.replace(b'name="Only"', b'name="Changed"')
    both = put(engine, ("a.bpmn", TWO_TASKS), ("b.bpmn", changed), filter_duplicates=True)
    assert [(each.key, each.version) for each in both.definitions] == [("p", 2), ("other", 2)]
    one = put(engine, ("a.bpmn", TWO_TASKS), ("b.bpmn", OTHER), changed_only=True)
    assert [(each.key, each.version) for each in one.definitions] == [("other", 3)]
    # The file that stands in an older deployment is still known.
    assert put(engine, ("a.bpmn", TWO_TASKS), ("b.bpmn", OTHER), filter_duplicates=True).unchanged


def test_whatever_is_deployed_comes_back_byte_for_byte(engine: ProcessEngine) -> None:
    result = put(engine, ("flow.bpmn", TWO_TASKS), ("notes.txt", b"\x00\xff"))
    with engine.query(SYSTEM) as context:
        assert definition_xml(context, result.definitions[0].id) == TWO_TASKS
        found = get_resources(context, result.deployment.id)
        assert [each.name for each in found] == ["flow.bpmn", "notes.txt"]
        assert get_resource(context, result.deployment.id, found[1].id).content == b"\x00\xff"
        assert definition_model(context, result.definitions[0].id).key == "p"
        with pytest.raises(NotFound):
            get_resource(context, result.deployment.id, "x")
        with pytest.raises(NotFound):
            get_resources(context, "x")
        with pytest.raises(NotFound):
            definition_xml(context, "x")


def test_processes_that_are_not_executable_are_passed_by(engine: ProcessEngine) -> None:
    result = put(engine, ("a.bpmn", TWO_TASKS.replace(b'isExecutable="true"', b'isExecutable="false"')))
    assert result.definitions == ()


@pytest.mark.parametrize("source", [b"", b"\x89PNG\r\n\x1a\n", b"<html/>", b"<definitions"])
def test_what_is_no_bpmn_is_refused_and_nothing_is_stored(engine: ProcessEngine, source: bytes) -> None:
    with pytest.raises(ModelRefused) as caught:
        put(engine, ("good.bpmn", TWO_TASKS), ("bad.bpmn", source))
    assert caught.value.resource == "bad.bpmn"
    assert caught.value.problems
    for table in (deployment, resource, process_definition):
        assert rows(engine, table) == []


def test_nothing_to_deploy_is_refused(engine: ProcessEngine) -> None:
    with pytest.raises(InvalidInput):
        put(engine)


def test_one_process_twice_in_one_deployment_is_refused(engine: ProcessEngine) -> None:
    with pytest.raises(ModelRefused, match="more than once"):
        put(engine, ("a.bpmn", TWO_TASKS), ("b.bpmn", TWO_TASKS))


def test_a_message_that_starts_a_process_starts_no_other(engine: ProcessEngine) -> None:
    def ordered(key: str) -> bytes:
        begin = '<startEvent id="start"><messageEventDefinition messageRef="m"/></startEvent>'
        return bpmn(begin + END + flow("start", "end"), key, beside='<message id="m" name="ordered"/>')

    put(engine, ("one.bpmn", ordered("one")))
    with pytest.raises(ModelRefused, match="“ordered” starts the process “one” already") as caught:
        put(engine, ("two.bpmn", ordered("two")))
    assert [(each.rule, each.element_id) for each in caught.value.problems] == [("message-once", "start")]
    put(engine, ("one.bpmn", ordered("one")))
    with pytest.raises(ModelRefused):
        put(
            engine,
            ("three.bpmn", ordered("one").replace(b"ordered", b"bought")),
            ("two.bpmn", ordered("two")),
            ("four.bpmn", ordered("four")),
        )
    assert [row.key for row in rows(engine, process_definition)] == ["one", "one"]


def test_only_process_owners_and_administrators_deploy_and_delete(engine: ProcessEngine) -> None:
    with pytest.raises(NotAllowed), engine.command(HANNA) as context:
        deploy_resources(context, "n", [("a.bpmn", TWO_TASKS)])
    result = put(engine, ("a.bpmn", TWO_TASKS))
    with pytest.raises(NotAllowed), engine.command(HANNA) as context:
        delete_deployment(context, result.deployment.id)


def test_definitions_are_found_by_every_filter(engine: ProcessEngine) -> None:
    tagged = bpmn(START + END + flow("start", "end"), "tagged", attributes='name="Tagged" camunda:versionTag="v1.2"')
    put(engine, ("a.bpmn", TWO_TASKS))
    deployed = put(engine, ("a.bpmn", TWO_TASKS), ("tagged.bpmn", tagged)).deployment.id
    for filters, expected in (
        ({}, 3),
        ({"latest_version": True}, 2),
        ({"key": "p"}, 2),
        ({"key": "p", "version": 1}, 1),
        ({"keys": ("p", "tagged")}, 3),
        ({"keys": ()}, 0),
        ({"key_like": "tag%"}, 1),
        ({"name": "Tagged"}, 1),
        ({"name_like": "Tag%"}, 1),
        ({"version_tag": "v1.2"}, 1),
        ({"version_tag_like": "v1%"}, 1),
        ({"deployment_id": deployed}, 2),
        ({"resource_name": "a.bpmn"}, 2),
        ({"resource_name_like": "tag%"}, 1),
        ({"active": True}, 3),
        ({"suspended": True}, 0),
        ({"startable_in_tasklist": True}, 3),
    ):
        with engine.query(SYSTEM) as context:
            query = DefinitionQuery(**filters)
            assert count_definitions(context, query) == expected, filters
            assert len(find_definitions(context, query)) == expected, filters
    with engine.query(SYSTEM) as context:
        query = DefinitionQuery(sort=(("key", "asc"), ("version", "desc")), max_results=2)
        assert [(each.key, each.version) for each in find_definitions(context, query)] == [("p", 2), ("p", 1)]


def test_deployments_are_found_by_every_filter(engine: ProcessEngine, clock: TestClock) -> None:
    made = put(engine, ("a.bpmn", TWO_TASKS), name="first").deployment
    clock.advance(timedelta(hours=1))
    put(engine, ("a.bpmn", TWO_TASKS), name="second")
    for filters, expected in (
        ({}, 2),
        ({"id": made.id}, 1),
        ({"name": "first"}, 1),
        ({"name_like": "%s%"}, 2),
        ({"source": "test"}, 2),
        ({"source": "x"}, 0),
        ({"after": made.deployed_at}, 1),
        ({"before": clock.now()}, 1),
    ):
        with engine.query(SYSTEM) as context:
            query = DeploymentQuery(**filters)
            assert count_deployments(context, query) == expected, filters
            assert len(find_deployments(context, query)) == expected, filters
    with engine.query(SYSTEM) as context:
        assert get_deployment(context, made.id) == made
        assert made.deployed_by == "olle"
        assert find_deployments(context, DeploymentQuery(max_results=0)) == []


def test_a_deployment_with_running_instances_is_deleted_only_with_them(engine: ProcessEngine) -> None:
    deployed = put(engine, ("a.bpmn", TWO_TASKS)).deployment.id
    start(engine, variables={"a": 1})
    with pytest.raises(Conflict, match="cascade"), engine.command(OWNER) as context:
        delete_deployment(context, deployed)
    assert len(rows(engine, process_instance)) == 1
    with engine.command(OWNER) as context:
        delete_deployment(context, deployed, cascade=True)
    for table in (
        deployment,
        resource,
        process_definition,
        process_instance,
        historic_process_instance,
        historic_activity_instance,
        historic_variable_instance,
    ):
        assert rows(engine, table) == [], table.name
    with pytest.raises(NotFound), engine.command(OWNER) as context:
        delete_deployment(context, deployed)


def test_deleting_a_calling_process_takes_the_called_instances_with_it_and_the_other_way_round(
    engine: ProcessEngine,
) -> None:
    calling = bpmn(
        START + '<callActivity id="call" calledElement="other"/>' + END + flow("start", "call", "end"), "calling"
    )
    called = put(engine, ("b.bpmn", OTHER)).deployment.id
    put(engine, ("a.bpmn", calling))
    start(engine, "calling")
    with engine.command(OWNER) as context:
        delete_deployment(context, called, cascade=True)
    assert rows(engine, process_instance) == []


def test_when_the_newest_version_is_deleted_the_one_before_listens_again(engine: ProcessEngine) -> None:
    source = bpmn(
        '<startEvent id="start"><messageEventDefinition messageRef="m"/></startEvent>' + END + flow("start", "end"),
        beside='<message id="m" name="arrived"/>',
    )
    first = put(engine, ("a.bpmn", source)).definitions[0].id
    newest = put(engine, ("a.bpmn", source))
    assert [row.definition_id for row in rows(engine, event_subscription)] == [newest.definitions[0].id]
    with engine.command(OWNER) as context:
        delete_deployment(context, newest.deployment.id)
    assert [row.definition_id for row in rows(engine, event_subscription)] == [first]


def test_an_older_version_deleted_leaves_the_newest_listening(engine: ProcessEngine) -> None:
    source = bpmn(
        '<startEvent id="start"><messageEventDefinition messageRef="m"/></startEvent>' + END + flow("start", "end"),
        beside='<message id="m" name="arrived"/>',
    )
    oldest = put(engine, ("a.bpmn", source))
    newest = put(engine, ("a.bpmn", source)).definitions[0].id
    with engine.command(OWNER) as context:
        delete_deployment(context, oldest.deployment.id)
    assert [row.definition_id for row in rows(engine, event_subscription)] == [newest]


def test_deleting_an_older_version_leaves_the_start_timer_as_it_was_set(
    engine: ProcessEngine, clock: TestClock
) -> None:
    source = bpmn(
        '<startEvent id="start"><timerEventDefinition><timeDuration>PT3H</timeDuration></timerEventDefinition>'
        "</startEvent>" + END + flow("start", "end")
    )
    oldest = put(engine, ("a.bpmn", source))
    put(engine, ("a.bpmn", source))
    before = jobs(engine)
    clock.advance(timedelta(hours=1))
    with engine.command(OWNER) as context:
        delete_deployment(context, oldest.deployment.id)
    assert jobs(engine) == before


def test_a_definition_never_changes_so_its_model_is_read_once(engine: ProcessEngine) -> None:
    definition = deploy(engine, TWO_TASKS)
    with engine.query(SYSTEM) as context:
        assert definition_model(context, definition) is definition_model(context, definition)


def test_a_system_actor_deploys_for_nobody(engine: ProcessEngine) -> None:
    with engine.command(SYSTEM) as context:
        assert deploy_resources(context, None, [("a.bpmn", TWO_TASKS)]).deployment.deployed_by is None
    with pytest.raises(NotAllowed), engine.command(Actor(None)) as context:
        deploy_resources(context, None, [("a.bpmn", TWO_TASKS)])
