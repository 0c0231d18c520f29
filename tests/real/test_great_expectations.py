"""Great Expectations: a checkpoint whose data is wrong, then right, sent by the README's function."""

from pathlib import Path

import pytest

from tests.real.blocks import block
from tests.real.tools import Tool, alerts, every, install, nothing_was_rejected
from tests.support.servers import Collector

pytestmark = pytest.mark.heavy

CHECK = """
import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
from sev_results import tell_sev

def check(amounts, emails, *, column="amount"):
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    asset = context.data_sources.add_pandas("lake").add_dataframe_asset("orders")
    suite = context.suites.add(gx.ExpectationSuite("orders_suite", expectations=[
        gxe.ExpectColumnValuesToNotBeNull(column=column),
        gxe.ExpectColumnValuesToMatchRegex(column="email", regex=".+@.+", severity="warning"),
    ]))
    data = asset.add_batch_definition_whole_dataframe("all")
    definition = gx.ValidationDefinition(name="check", data=data, suite=suite)
    checkpoint = gx.Checkpoint(
        name="nightly",
        validation_definitions=[context.validation_definitions.add(definition)],
        result_format={"result_format": "SUMMARY", "exclude_unexpected_values": True},
    )
    frame = pd.DataFrame({"amount": amounts, "email": emails})
    result = context.checkpoints.add(checkpoint).run(batch_parameters={"dataframe": frame})
    text = str([one.to_json_dict() for one in result.run_results.values()])
    assert "anna" not in text, "a value out of a row would leave"
    tell_sev(result)
"""
NULLS = "orders.amount: expect_column_values_to_not_be_null failed, 1 of 3 rows unexpected"


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Tool:
    return install(tmp_path_factory.mktemp("gx") / "venv", "great_expectations>=1.5,<2")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sev_results.py").write_text(block("great-expectations"), "utf-8")
    return tmp_path


def test_wrong_data_and_right_data(checker: Tool, folder: Path, serving: Collector) -> None:
    checker.python(CHECK + "check([1, None, 3], ['anna', 'b@x', 'c@x'])", folder, serving)
    found = {str(one["title"]): one for one in every(serving)}
    nulls, emails = found[NULLS], next(one for title, one in found.items() if "regex" in title)
    assert (nulls["status"], nulls["kind"], nulls["subject"]) == ("firing", "data_quality", "orders")
    assert (emails["status"], emails["severity"]) == ("firing", 3)
    assert emails["candidate"] == nulls["candidate"], "two checks of one table at one moment are one trouble"
    # an expectation without a severity of its own says critical: nobody chose that word
    assert nulls["reason"] == "unmapped: the tool says critical, which is no known severity word"

    checker.python(CHECK + "check([1, 2, 3], ['a@x', 'b@x', 'c@x'])", folder, serving)
    assert [one["status"] for one in every(serving)] == ["resolved", "resolved"]
    assert nothing_was_rejected(serving)


def test_a_check_that_could_not_run(checker: Tool, folder: Path, serving: Collector) -> None:
    """Version 1 keeps the exceptions of an expectation under the names of its metrics, not flat as before."""
    checker.python(CHECK + "check([1, 2], ['a@x', 'b@x'], column='nowhere')", folder, serving)
    broken = next(one for one in every(serving) if one["status"] == "firing")
    assert broken["kind"] == "failed_job"
    assert 'could not run, Error: The column "nowhere" in BatchData does not exist' in str(broken["title"])
    assert nothing_was_rejected(serving)


def test_it_goes_on_where_sev_is_away(checker: Tool, folder: Path, serving: Collector) -> None:
    done = checker.python(CHECK + "check([1], ['a@x'])", folder, serving, SEV_URL="http://127.0.0.1:9")
    assert "sev was not told" in done.out
    assert alerts(serving) == {}
