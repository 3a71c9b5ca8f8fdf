"""Whatever an expression may call stands in docs/expressions.md."""

import re
from pathlib import Path

import pytest

from bpmn.expressions.feel_functions import FUNCTIONS as FEEL_FUNCTIONS
from bpmn.expressions.functions import FUNCTIONS
from bpmn.expressions.methods import FIELDS, METHODS

PAGE = " ".join((Path(__file__).parents[3] / "docs" / "expressions.md").read_text().split())


@pytest.mark.parametrize("name", sorted({*FUNCTIONS, *FEEL_FUNCTIONS, *METHODS, *FIELDS}))
def test_each_function_method_and_field_is_documented(name: str) -> None:
    assert f"`{re.sub('^minus', 'plus', name)}`" in PAGE
