"""The schema of a world's file, as Alembic revisions with explicit DDL.

Alembic is imported only when there is something to upgrade: an ordinary start compares one string.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent


@cache
def revisions() -> tuple[str, ...]:
    """Every revision in order; a revision is the number that its file name begins with."""
    return tuple(sorted(path.name.partition("_")[0] for path in (_HERE / "versions").glob("[0-9]*.py")))


def head() -> str:
    """The newest revision."""
    return revisions()[-1]


def upgrade(path: Path, revision: str = "head") -> None:
    """Bring the SQLite file at `path` to `revision`, making it if it does not exist; wholly or not at all."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine, event

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    engine = create_engine(f"sqlite:///{path}")
    # The driver begins no transaction before DDL: without this, an upgrade that is killed leaves a half that no later
    # one can go on with (SQLAlchemy, "Serializable isolation / Savepoints / Transactional DDL").
    event.listen(engine, "connect", lambda driver, record: setattr(driver, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            connection.commit()
    finally:
        engine.dispose()
