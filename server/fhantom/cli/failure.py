"""How a command ends when it cannot do what was asked."""


class Failure(Exception):
    """The command ends with this message on stderr and status 1."""
