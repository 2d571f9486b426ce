"""How the readers of a command say that something is wrong, on the way to a `Mistake`."""


class Slip(Exception):
    """A trader's slip: what is wrong with characters `start` to `end`. Never seen outside the package.

    `suggestion` would replace them. To build an example with, `sample` is something that could stand there,
    and `spare` says that the text in front of them may be whole without them.
    """

    def __init__(
        self,
        start: int,
        end: int,
        message: str,
        *,
        expected: str = "",
        suggestion: str = "",
        sample: str = "",
        example: str = "",
        spare: bool = False,
    ) -> None:
        super().__init__(message)
        self.start, self.end = start, end
        self.message, self.expected = message, expected
        self.suggestion, self.sample, self.example = suggestion, sample, example
        self.spare = spare
