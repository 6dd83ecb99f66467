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
    """Bring the SQLite file at `path` to `revision`, making it if it does not exist."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            connection.commit()
    finally:
        engine.dispose()
