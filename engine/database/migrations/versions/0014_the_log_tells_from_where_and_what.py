"""The log of operations tells from where and what changed, and keeps what it tells"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

LOG = "user_operation_log"
COLUMNS = (
    ("operation_id", sa.String(length=64)),
    ("entity_id", sa.String(length=255)),
    ("property", sa.String(length=255)),
    ("old_value", sa.Text()),
    ("new_value", sa.Text()),
    ("variable", sa.String(length=255)),
    ("door", sa.String(length=16)),
    ("address", sa.String(length=64)),
    ("token_id", sa.String(length=64)),
)
REFUSAL = "the log of operations is append-only"


def upgrade() -> None:
    op.create_table(
        "log_erasure",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_erasure")),
    )
    for name, kind in COLUMNS:
        op.add_column(LOG, sa.Column(name, kind, nullable=True))
    _take_names_of_variables_apart()
    op.drop_index(op.f("ix_user_operation_log_user_id"), LOG)
    for name in ("user_id", "operation", "definition_key"):
        op.create_index(f"ix_user_operation_log_{name}", LOG, [name, "occurred_at"])
    given = sa.text("on_behalf_of IS NOT NULL")
    op.create_index(
        "ix_user_operation_log_on_behalf_of", LOG, ["on_behalf_of", "occurred_at"],
        sqlite_where=given, postgresql_where=given,
    )  # fmt: skip
    if op.get_bind().dialect.name == "postgresql":
        _keep_on_postgresql()
    else:
        _keep_on_sqlite()


def _take_names_of_variables_apart() -> None:
    """They stood together in the details, where everybody who may see the line could read them."""
    connection = op.get_bind()
    columns = [
        "occurred_at", "user_id", "on_behalf_of", "operation", "entity_type", "process_instance_id", "task_id",
        "definition_key",
    ]  # fmt: skip
    log = sa.table(LOG, *(sa.column(each) for each in ("id", "details", "variable", *columns)))
    rows = connection.execute(sa.select(log).where(log.c.operation == "SetVariable", log.c.details.is_not(None))).all()
    for row in rows:
        first, *others = row.details.split(", ")
        connection.execute(sa.update(log).where(log.c.id == row.id).values(details=None, variable=first or None))
        for name in others:
            connection.execute(sa.insert(log).values(variable=name, **{each: getattr(row, each) for each in columns}))


def _keep_on_sqlite() -> None:
    for name in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER user_operation_log_no_{name} BEFORE {name.upper()} ON {LOG} "
            "WHEN NOT EXISTS (SELECT 1 FROM log_erasure) "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )


def _keep_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION keep_user_operation_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM log_erasure) THEN "
        "IF TG_OP = 'UPDATE' THEN RETURN NEW; ELSIF TG_OP = 'DELETE' THEN RETURN OLD; ELSE RETURN NULL; END IF; "
        f"END IF; RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER user_operation_log_kept BEFORE UPDATE OR DELETE ON {LOG} "
        "FOR EACH ROW EXECUTE FUNCTION keep_user_operation_log()"
    )
    op.execute(
        f"CREATE TRIGGER user_operation_log_whole BEFORE TRUNCATE ON {LOG} "
        "FOR EACH STATEMENT EXECUTE FUNCTION keep_user_operation_log()"
    )
