"""The least a web service that keeps its word can do, behind the same server as Onedoor: Flask and SQLAlchemy, one row
read, one written, one history row written, one commit.

python -m benchmarks.floor DATABASE_URL PORT
"""

from __future__ import annotations

import sys

from flask import Flask
from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select, update

from api.cli.serve import GunicornServer
from engine.database.connect import Database

metadata = MetaData()
counter = Table("floor_counter", metadata, Column("id", Integer, primary_key=True), Column("n", Integer))
history = Table(
    "floor_history", metadata, Column("id", Integer, primary_key=True), Column("counter", Integer), Column("by", String)
)
#: Rows that clients choose from, so that they seldom wait for each other.
COUNTERS = 64


def create_app(url: str) -> Flask:
    database = Database(url)
    with database.write() as connection:
        metadata.create_all(connection)
        if connection.execute(select(counter.c.id).limit(1)).first() is None:
            connection.execute(insert(counter), [{"id": each, "n": 0} for each in range(COUNTERS)])
    app = Flask(__name__)

    @app.get("/health/ready")
    def healthy() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/count/<int:number>")
    def count(number: int) -> tuple[str, int]:
        with database.write() as connection:
            found = connection.execute(select(counter.c.n).where(counter.c.id == number)).scalar_one()
            connection.execute(update(counter).where(counter.c.id == number).values(n=found + 1))
            connection.execute(insert(history).values(counter=number, by="floor"))
        return "", 204

    return app


if __name__ == "__main__":
    GunicornServer(lambda: create_app(sys.argv[1]), f"127.0.0.1:{sys.argv[2]}").run()
