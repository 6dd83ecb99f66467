"""The tables of FHIR resources: what is there now, every version, and one index table for each kind of value.

R4 and R5 share the tables: their types and parameters have different numbers (see `numbers`).

An index table is clustered by parameter, value, resource, so that a search for one value reads neighbouring
rows in the order of creation; its second index answers what values one resource has, for sorting, for
conditions on few candidates and for taking the rows out again. Both orders cover every column.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, Table, Text, text

from fhantom.world.tables import metadata

# Every resource there ever was, with its present version. A deleted one keeps its row and number.
resource = Table(
    "fhir_resource",
    metadata,
    Column("number", Integer, primary_key=True),  # the order of creation
    Column("key", BigInteger, nullable=False, unique=True),
    Column("type", Integer, nullable=False),
    Column("id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated", BigInteger, nullable=False),  # milliseconds since 1970
    Column("change", Integer, nullable=False),  # position in `records.CHANGES`
    Column("digest", LargeBinary, info={"names": "text"}),  # None when deleted
    Column("shape", BigInteger, nullable=False, server_default="0"),  # which parameters have values, see `shape`
    Index("fhir_resource_present", "type", "number", sqlite_where=text("digest IS NOT NULL")),
    Index("fhir_resource_updated", "type", "updated", "number", sqlite_where=text("digest IS NOT NULL")),
    Index("fhir_resource_shape", "shape", "number", sqlite_where=text("digest IS NOT NULL")),
    Index("fhir_resource_id", "type", "id"),  # of the deleted ones too: an update need not touch it
)

# Every version; `sequence` is the order of writing in the whole world.
version = Table(
    "fhir_version",
    metadata,
    Column("sequence", Integer, primary_key=True),
    Column("resource", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("release", Integer, nullable=False),
    Column("type", Integer, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("change", Integer, nullable=False),
    Column("digest", LargeBinary, info={"names": "text"}),
    Index("fhir_version_resource", "resource", "version", unique=True),
    Index("fhir_version_type", "type", "sequence"),
    info={"counted_as": "versions"},
)

# How many resources and versions there are of each type, kept so that no count reads them all.
count = Table(
    "fhir_count",
    metadata,
    Column("type", Integer, primary_key=True, autoincrement=False),
    Column("present", Integer, nullable=False),
    Column("versions", Integer, nullable=False),
)

# Shapes: resources of a type that have values of the same parameters, however many of them there are.
shape = Table(
    "fhir_shape",
    metadata,
    Column("shape", BigInteger, primary_key=True, autoincrement=False),
    Column("type", Integer, nullable=False),
    Column("present", Integer, nullable=False),
    Index("fhir_shape_type", "type"),
    sqlite_with_rowid=False,
)

# The parameters of each shape, with the place in INDEXES of the table that holds their values.
shape_parameter = Table(
    "fhir_shape_parameter",
    metadata,
    Column("parameter", Integer, primary_key=True, autoincrement=False),
    Column("kind", Integer, primary_key=True, autoincrement=False),
    Column("shape", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# How many present resources have each token.
tally = Table(
    "fhir_tally",
    metadata,
    Column("parameter", Integer, primary_key=True, autoincrement=False),
    Column("system", BigInteger, primary_key=True, autoincrement=False),
    Column("code", Text, primary_key=True),
    Column("present", Integer, nullable=False),
    Column("repeats", Integer, nullable=False),  # of those that have the code in another system too, all but one
    sqlite_with_rowid=False,
)

# The next id that the server assigns, for each FHIR version.
sequence = Table(
    "fhir_sequence",
    metadata,
    Column("release", Integer, primary_key=True, autoincrement=False),
    Column("next", Integer, nullable=False),
)

# Code systems by number, as sorting by a token needs their text.
system = Table(
    "fhir_system",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
)

# Searches too long to be told in full by the id of their pages.
session = Table(
    "fhir_session",
    metadata,
    Column("id", Text, primary_key=True),
    Column("opened", BigInteger, nullable=False),
    Column("request", Text, nullable=False),
)


def _index_table(name: str, *columns: Column[object]) -> Table:
    by_resource = Index(f"{name}_resource", "resource", "parameter")
    return Table(name, metadata, *columns, by_resource, sqlite_with_rowid=False)


string = _index_table(
    "fhir_string",
    Column("parameter", Integer, primary_key=True, autoincrement=False),
    Column("folded", Text, primary_key=True),  # without case and accents
    Column("resource", Integer, primary_key=True, autoincrement=False),
    Column("exact", Text, primary_key=True),
)

token = _index_table(
    "fhir_token",
    Column("parameter", Integer, primary_key=True, autoincrement=False),
    Column("code", Text, primary_key=True),
    Column("resource", Integer, primary_key=True, autoincrement=False),
    Column("system", BigInteger, primary_key=True, autoincrement=False),  # 0 for none
)

# Periods; a search from some date on looks at their ends, one up to some date at their beginnings.
date = _index_table(
    "fhir_date",
    Column("parameter", Integer, primary_key=True, autoincrement=False),
    Column("low", BigInteger, primary_key=True, autoincrement=False),  # milliseconds since 1970
    Column("resource", Integer, primary_key=True, autoincrement=False),
    Column("high", BigInteger, primary_key=True, autoincrement=False),
    Column("low_day", Integer, primary_key=True, autoincrement=False),  # days since 1970, as written
    Column("high_day", Integer, primary_key=True, autoincrement=False),
)
Index("fhir_date_high", date.c.parameter, date.c.high)

number = _index_table(
    "fhir_number",
    Column("parameter", Integer, primary_key=True, autoincrement=False),
    Column("value", Float, primary_key=True, autoincrement=False),
    Column("resource", Integer, primary_key=True, autoincrement=False),
)

quantity = _index_table(
    "fhir_quantity",
    Column("parameter", Integer, primary_key=True, autoincrement=False),
    Column("value", Float, primary_key=True, autoincrement=False),
    Column("resource", Integer, primary_key=True, autoincrement=False),
    Column("system", BigInteger, primary_key=True, autoincrement=False),
    Column("code", Text, primary_key=True),
)

uri = _index_table(
    "fhir_uri",
    Column("parameter", Integer, primary_key=True, autoincrement=False),
    Column("uri", Text, primary_key=True),
    Column("resource", Integer, primary_key=True, autoincrement=False),
)

# Clustered by target first: one order answers both a search and who refers to a resource at all.
reference = _index_table(
    "fhir_reference",
    Column("target", BigInteger, primary_key=True, autoincrement=False),
    Column("parameter", Integer, primary_key=True, autoincrement=False),
    Column("resource", Integer, primary_key=True, autoincrement=False),
)

INDEXES: dict[str, Table] = {
    table.name.removeprefix("fhir_"): table for table in (string, token, date, number, quantity, uri, reference)
}
"""Index tables by the kind of value that they hold."""
