"""A change of labels in place: FHIR lets $meta-add and $meta-delete change meta without making a version."""

from __future__ import annotations

from sqlalchemy import Connection

from fhantom.resources.records import Draft, Stored
from fhantom.resources.writing import reindex


def relabel(connection: Connection, draft: Draft, record: Stored) -> None:
    """Let `draft` be the content of the version `record`, which keeps its number and time.

    `draft.body` is in the texts already; nothing but its labels may differ from what is kept. Only of the present
    version are the labels searched by.
    """
    connection.exec_driver_sql(
        "UPDATE fhir_version SET digest = ? WHERE resource = ? AND version = ?",
        (draft.digest, record.number, record.version),
    )
    present = connection.exec_driver_sql(
        "UPDATE fhir_resource SET digest = ? WHERE number = ? AND version = ?",
        (draft.digest, record.number, record.version),
    )
    if present.rowcount:
        reindex(connection, draft, record)
