"""What search and the store raise when the real server would refuse; the FHIR room owns the words."""

from __future__ import annotations

from fhantom.errors import BadRequest, Conflict, FhantomError


class SearchRefusal(BadRequest):
    """A search cannot be carried out, for the reason that HAPI numbers `number`.

    Values by number, for the wording table:

    | number | status | values |
    | --- | --- | --- |
    | 0524, 1223 | 400 | parameter, type, valid: an unknown parameter (1223: one that starts with `_`) |
    | 0984 | 405 | -: _contained is off |
    | 1192 | 400 | parameter: full text search is off |
    | 1194 | 400 | parameter, type, valid: unknown _sort |
    | 1208 | 400 | type: unknown type in _has |
    | 1209 | 400 | parameter: unknown parameter in _has |
    | 1216 | 400 | -: _source is off |
    | 1052 to 1068 | 400 | value: _filter cannot be read |
    | 1206 | 400 | parameter, type, valid: unknown in _filter |
    | filter operator | 400 | value: not for this parameter |
    | 1230 | 400 | value: bad position of near |
    | 1235 | 400 | prefix, value: prefix that quantities do not know |
    | 1239, 1240 | 400 | parameter, value: :above or :below without a code or a system |
    | 1242 | 400 | parameter, value: chain on a reference with several types |
    | 1243 | 400 | chain: unknown chain |
    | 1250 | 400 | type: modifier of a reference that is no type |
    | 1882, 1940, 1941 | 400 | value: bad date or number; 1941 prefix |
    | 1925 | 400 | -: ap on a date |
    | 1930 | 400 | -: several dates |
    | 1942 | 400 | parameter: bad _has |
    | 1953 | 400 | value: bad composite |
    | 2012 | 405 | -: :of-type is off |
    | 2305 | 400 | parameter: _has over what refers to nothing |
    | 2015, 2017, 2018 | 400 | parameter, value, type, valid: bad _include or _revinclude |
    | 2498 | 400 | modifier, type: modifier of a reference |
    | 2788 | 404 | url: unknown value set |
    """

    def __init__(self, number: str, status: int = 400, **values: object) -> None:
        super().__init__(f"HAPI-{number} {values}")
        self.number = number
        self.http_status = status
        self.values = values


class VersionConflict(Conflict):
    """The resource's present version is `current`, not the one expected."""

    def __init__(self, current: int) -> None:
        super().__init__(f"version {current} is current")
        self.current = current


class UnusableExpression(FhantomError):
    """A stored SearchParameter's expression cannot be compiled."""

    status = 422
