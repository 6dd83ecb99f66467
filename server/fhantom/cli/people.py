"""Data that may tell of people who exist is not shown to a network by accident."""

from __future__ import annotations

import ipaddress

from fhantom.cli.failure import Failure
from fhantom.settings import Settings
from fhantom.world import Worlds, provenance


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def keep_people_from_network(worlds: Worlds, settings: Settings) -> None:
    """Refuse to serve a world pulled without pseudonyms on a host that is not loopback, unless that was confirmed.

    Raises:
        Failure: there is such a world.
    """
    if is_loopback(settings.host) or settings.people_on_network:
        return
    worlds.open()
    for world in worlds.each():
        with world.reading() as connection:
            origin = provenance.people(connection)
        if origin:
            raise Failure(
                f"the data from {origin} may tell of people who exist, and {settings.host} shows it to the network; "
                "confirm with --people-on-network, or pull it with --pseudonymise"
            )
