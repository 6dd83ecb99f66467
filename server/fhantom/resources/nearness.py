"""`near`: a position and how far from it (FHIR location 8.7.5)."""

from __future__ import annotations

import math

from fhantom.resources.criteria import Condition, NearCondition, Nothing, ParameterKey
from fhantom.resources.names import ParameterName
from fhantom.resources.refusal import SearchRefusal
from fhantom.resources.scope import Scope

_KILOMETRES_A_DEGREE = 111.195
_KILOMETRES = {"km": 1.0, "m": 0.001, "mi": 1.609344, "[mi_us]": 1.609347}


def near(scope: Scope, name: ParameterName, key: ParameterKey, value: str) -> Condition:
    """`latitude|longitude|distance|unit`; a kilometre if no distance is given. SearchRefusal 1230 if it is none."""
    if key.code != "near":
        return Nothing()
    try:
        latitude, longitude, *rest = value.split("|")
        distance = float(rest[0]) if rest and rest[0] else 1.0
        reach = distance * _KILOMETRES.get(rest[1] if len(rest) > 1 else "km", 1.0) / _KILOMETRES_A_DEGREE
        south, north = float(latitude) - reach, float(latitude) + reach
        across = reach / max(math.cos(math.radians(float(latitude))), 0.01)
        return NearCondition(key, south, north, float(longitude) - across, float(longitude) + across)
    except ValueError:
        raise SearchRefusal("1230", value=value) from None
