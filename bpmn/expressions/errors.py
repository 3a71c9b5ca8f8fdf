"""What goes wrong with an expression."""

from __future__ import annotations


class ExpressionError(Exception):
    """An expression that cannot be read or evaluated. The message names the expression and says what to do.

    `source` is the text of the expression, once it is known.
    """

    def __init__(self, message: str, source: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.line: int | None = None

    def at_line(self, line: int) -> ExpressionError:
        """The same error, naming the line of the script; itself where it already names one."""
        if not self.line:
            self.line = line
            self.message = f"Line {line}: {self.message}"
            self.args = (self.message,)
        return self

    def within(self, source: str) -> ExpressionError:
        """The same error, naming the expression it came from; itself where it already names one."""
        if self.source is None:
            self.source = source
            self.args = (f"{self.message} In: {shortened(source)}",)
        return self


class UnknownVariable(ExpressionError):
    """The expression reads a variable that nobody has set."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Unknown variable {name}: set it first, or read it with variable('{name}', default).")
        self.name = name


def shortened(source: str) -> str:
    """The beginning of a source on one line, for a message."""
    line = " ".join(source.split())
    return line if len(line) <= 120 else line[:119] + "…"
