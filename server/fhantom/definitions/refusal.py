"""What the parsers raise when HAPI would not take a body."""

from __future__ import annotations

from fhantom.errors import BadRequest


class ParseRefusal(BadRequest):
    """A FHIR body that is refused, under the numbers by which HAPI refuses it.

    `numbers` are as HAPI chains them, outermost first: (1821,), (1861, 1859), (1814,) ... The number that
    says whose body it was (0450) and all wording belong to the room that answers; this carries the facts:
    `element` is the name of the JSON property or XML element, `value` what stood there, `expected` what
    should have, `detail` the reader's own words for what is wrong.
    """

    def __init__(
        self,
        *numbers: int,
        detail: str = "",
        element: str | None = None,
        value: str | None = None,
        expected: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.numbers = numbers
        self.detail = detail
        self.element = element
        self.value = value
        self.expected = expected

    def within(self, number: int) -> ParseRefusal:
        """The same refusal, told as the cause of another."""
        return ParseRefusal(
            number, *self.numbers, detail=self.detail, element=self.element, value=self.value, expected=self.expected
        )
