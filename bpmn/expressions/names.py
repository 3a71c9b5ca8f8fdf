"""What an expression can see: variables, functions, and the tables of methods it may call on `execution` and `task`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Protocol


class Names(Protocol):
    """Variables by name, as they are stored (typed values are unwrapped by the interpreter), and what may be called."""

    def __contains__(self, name: str, /) -> bool: ...

    def __getitem__(self, name: str, /) -> Any:
        """Raises KeyError for a variable that is not set."""

    def function(self, name: str) -> Callable[..., Any] | None:
        """A function beside the languages' own (`now`, `workday`), or None. It gets and gives plain data."""

    def bean(self, name: str) -> Mapping[str, Any] | None:
        """The table behind `execution` or `task`: callables are methods, everything else is a property. Only what the
        table holds can be reached."""


class MutableNames(Names, Protocol):
    """Names that a script may assign."""

    def __setitem__(self, name: str, value: Any, /) -> None: ...


class PlainNames:
    """Names over a plain mapping. A script's assignments go into `variables`, which must then be mutable."""

    __slots__ = ("beans", "functions", "variables")

    def __init__(
        self,
        variables: Mapping[str, Any] | None = None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        beans: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.variables: Mapping[str, Any] = {} if variables is None else variables
        self.functions = functions or {}
        self.beans = beans or {}

    def __contains__(self, name: str, /) -> bool:
        return name in self.variables

    def __getitem__(self, name: str, /) -> Any:
        return self.variables[name]

    def __setitem__(self, name: str, value: Any, /) -> None:
        if not isinstance(self.variables, MutableMapping):
            raise TypeError(f"{name} cannot be set: these variables are only for reading")
        self.variables[name] = value

    def function(self, name: str) -> Callable[..., Any] | None:
        return self.functions.get(name)

    def bean(self, name: str) -> Mapping[str, Any] | None:
        return self.beans.get(name)
