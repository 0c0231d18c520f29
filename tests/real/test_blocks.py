"""Every block of the README can at least be read by what it is written for."""

import ast
import subprocess
import sys

import pytest

from tests.real.blocks import block, blocks

LANGUAGES = {
    "airflow": "python",
    "airflow-dag": "python",
    "dagster": "python",
    "dbt": "sh",
    "openlineage": "yaml",
    "great-expectations": "python",
    "prometheus": "yaml",
    "grafana": "yaml",
    "cron": "sh",
}


def test_every_tool_has_its_block() -> None:
    assert {name: language for name, (language, _) in blocks().items()} == LANGUAGES


@pytest.mark.parametrize("name", [name for name, language in LANGUAGES.items() if language == "python"])
def test_python_can_be_read(name: str) -> None:
    assert ast.parse(block(name)).body


@pytest.mark.parametrize("name", [name for name, language in LANGUAGES.items() if language == "sh"])
def test_a_shell_can_read_it(name: str) -> None:
    done = subprocess.run(["/bin/sh", "-n"], input=block(name), text=True, capture_output=True, timeout=20, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_callback_needs_nothing_but_python() -> None:
    named = {
        alias.name.partition(".")[0]
        for node in ast.walk(ast.parse(block("airflow")))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert named
    assert named <= sys.stdlib_module_names


def test_every_block_sends_to_an_address_that_is_served() -> None:
    wanted = {"airflow": "/v1/airflow", "dagster": "/v1/dagster", "dbt": "/v1/dbt", "cron": "/v1/cron"}
    wanted |= {"great-expectations": "/v1/great_expectations", "grafana": "/v1/grafana"}
    wanted |= {"openlineage": "api/v1/lineage"}
    assert {name for name, address in wanted.items() if address not in block(name)} == set()
