"""A database of before people had managers and absences: who was there stays, with memberships and sessions."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

import engine.database.schema as schema
from engine import SYSTEM, ProcessEngine, Settings, actor_of, get_group, get_user, read_session
from engine.database.connect import Database

OLD = (
    "INSERT INTO user_account (id, first_name, created_at) VALUES ('hanna', 'Hanna', '2026-01-01 00:00:00')",
    "INSERT INTO department (id, name, type) VALUES ('hr', 'HR', 'WORKFLOW')",
    "INSERT INTO membership (user_id, group_id) VALUES ('hanna', 'hr')",
    (
        "INSERT INTO web_session (id, user_id, csrf_token, created_at, expires_at) VALUES "
        "('2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b', 'hanna', 'token', "
        "'2026-01-01 00:00:00', '2126-01-01 00:00:00')"
    ),
)
#: Whose SHA-256 stands above.
SECRET = "secret"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/old.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    database = Database(url)
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in OLD:
            connection.execute(text(statement))
    database.close()
    return str(url)


def test_people_memberships_and_sessions_outlive_the_migration(old_url: str, tmp_path: Path) -> None:
    schema.upgrade(old_url)
    engine = ProcessEngine(Settings(old_url, tmp_path))
    with engine.query(SYSTEM) as context:
        assert get_user(context, "hanna").active is True
        assert actor_of(context, "hanna").groups == {"hr"}
        assert get_group(context, "hr").calendar is None
        session = read_session(context, SECRET)
        assert session is not None
        assert session.actor.user_id == "hanna"
    engine.close()
