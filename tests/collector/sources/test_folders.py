"""dbt's artifacts and Great Expectations' results, as sources."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.collector.addresses import SAMPLES
from tests.collector.sources.pull import pulling, source, utc_now
from tui.collector.delivery import BODY_LIMIT
from tui.collector.sources import folders
from tui.collector.sources.folders import Artifacts, Validations
from tui.config import SourceKind
from tui.errors import SevError
from tui.formats.decode import Json
from tui.store import catalog
from tui.store.payloads import rejected
from tui.store.sources import Cursor

DBT, GX = SourceKind.DBT_ARTIFACTS, SourceKind.GREAT_EXPECTATIONS


class Look:
    """Looks at a folder again and again; its cursor passes through JSON, as it does in the store."""

    def __init__(self, puller: Artifacts | Validations) -> None:
        self.puller = puller
        self.cursor: Cursor = {}

    async def again(self) -> list[Json]:
        haul = await self.puller.pull(self.cursor, utc_now())
        if haul.cursor is not None:
            self.cursor = json.loads(json.dumps(haul.cursor))
        return [json.loads(body) if body.startswith(b"{") else body.decode() for body in haul.bodies]


def write(place: Path, content: Json, *, ago: timedelta = timedelta()) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(content if isinstance(content, str) else json.dumps(content))
    at = (utc_now() - ago).timestamp()
    os.utime(place, (at, at))


async def test_artifacts_each_time_they_are_written(tmp_path: Path) -> None:
    look = Look(Artifacts(source("dbt", DBT, path=tmp_path)))
    assert await look.again() == []
    write(tmp_path / "run_results.json", {"n": 1}, ago=timedelta(seconds=20))
    write(tmp_path / "manifest.json", {"n": 0})
    assert await look.again() == [{"n": 0}, {"n": 1}], "lineage first, whatever its time"
    assert await look.again() == []
    write(tmp_path / "manifest.json", {"n": 0})
    assert await look.again() == [], "it is as it was"
    write(tmp_path / "run_results.json", {"n": 2}, ago=timedelta(seconds=5))
    write(tmp_path / "sources.json", {"s": 1}, ago=timedelta(seconds=9))
    assert await look.again() == [{"s": 1}, {"n": 2}], "the older one first"
    write(tmp_path / "run_results.json", {"n": 2})
    assert await look.again() == [], "written again with the same content"
    fresh = Look(Artifacts(source("dbt", DBT, path=tmp_path)))
    fresh.cursor = look.cursor
    assert await fresh.again() == [], "a restart repeats nothing"


async def test_an_artifact_that_is_half_written_waits(tmp_path: Path) -> None:
    look = Look(Artifacts(source("dbt", DBT, path=tmp_path)))
    write(tmp_path / "run_results.json", '{"n": ')
    assert await look.again() == []
    write(tmp_path / "run_results.json", {"n": 3})
    assert await look.again() == [{"n": 3}]
    write(tmp_path / "run_results.json", "broken for good")
    assert await look.again() == []
    assert await look.again() == ["broken for good"], "it is handed over, and kept for a human"
    assert await look.again() == []


@pytest.mark.parametrize("kind", [Artifacts, Validations])
async def test_a_folder_that_is_not_there(tmp_path: Path, kind: type[Artifacts | Validations]) -> None:
    with pytest.raises(SevError, match="nowhere cannot be read: No such file or directory: check the path"):
        await Look(kind(source("x", DBT, path=tmp_path / "nowhere"))).again()


async def test_a_file_beyond_the_limit_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "FILE_LIMIT", 100)
    write(tmp_path / "run_results.json", {"n": "x" * 200})
    write(tmp_path / "sources.json", {"n": 1})
    assert await Look(Artifacts(source("dbt", DBT, path=tmp_path))).again() == [{"n": 1}]


async def test_validation_results_once_each(tmp_path: Path) -> None:
    write(tmp_path / "old" / "a.json", {"n": 1}, ago=timedelta(days=3))
    write(tmp_path / "suite" / "run" / "b.json", {"n": 2}, ago=timedelta(minutes=3))
    write(tmp_path / "suite" / "notes.txt", {"n": 0})
    look = Look(Validations(source("gx", GX, path=tmp_path)))
    assert await look.again() == [{"n": 2}], "of what was there before only the last day is news"
    assert await look.again() == []
    write(tmp_path / "suite" / "run" / "c.json", {"n": 3})
    write(tmp_path / "old" / "d.json", {"n": 4}, ago=timedelta(days=9))
    assert await look.again() == [{"n": 4}, {"n": 3}], "what is new counts, whatever its time"
    write(tmp_path / "suite" / "run" / "b.json", {"n": 5})
    assert await look.again() == [{"n": 5}]
    (tmp_path / "suite" / "run" / "b.json").unlink()
    assert await look.again() == []


async def test_many_results_come_in_portions(tmp_path: Path) -> None:
    for n in range(50):
        write(tmp_path / f"{n}.json", {"n": n}, ago=timedelta(minutes=50 - n))
    look = Look(Validations(source("gx", GX, path=tmp_path)))
    assert [len(await look.again()) for _ in range(4)] == [20, 20, 10, 0]


async def test_a_result_that_is_half_written_waits(tmp_path: Path) -> None:
    look = Look(Validations(source("gx", GX, path=tmp_path)))
    write(tmp_path / "a.json", '{"n"')
    assert await look.again() == []
    write(tmp_path / "a.json", {"n": 1})
    assert await look.again() == [{"n": 1}]


async def test_a_failed_expectation_is_an_alert(tmp_path: Path) -> None:
    result: Json = {
        "success": False,
        "suite_name": "orders",
        "meta": {"expectation_suite_name": "orders"},
        "statistics": {},
        "results": [
            {
                "success": False,
                "expectation_config": {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "id"}},
                "result": {"unexpected_count": 3, "element_count": 10},
                "exception_info": {"raised_exception": False},
            }
        ],
    }
    async with pulling(tmp_path, source("gx", GX, path=tmp_path / "validations")) as look:
        write(tmp_path / "validations" / "a.json", result)
        await look.until(look.hand.alerts, "the alert")
        (alert,) = look.hand.alerts()
        assert (alert.source, alert.format) == ("gx", "great_expectations")
        assert "3 of 10 rows unexpected" in alert.title


async def test_a_projects_lineage_and_its_many_results_are_taken_from_its_folder(tmp_path: Path) -> None:
    manifest = json.loads((SAMPLES / "dbt-manifest.json").read_bytes())
    manifest["docs"] = {"doc.shop.d": {"block_contents": "x" * (2 << 20)}}
    at: Json = "2026-11-24T13:00:00Z"
    results: list[Json] = [
        {"unique_id": f"model.shop.m{n}", "status": "error", "message": f"{n} " + "y" * 600, "execution_time": 1}
        for n in range(2_000)
    ]
    about: Json = {"dbt_version": "1.9.0", "generated_at": at}
    async with pulling(tmp_path, source("dbt", DBT, path=tmp_path / "target")) as look:
        write(tmp_path / "target" / "manifest.json", manifest)
        write(
            tmp_path / "target" / "run_results.json", {"metadata": about, "args": {"which": "run"}, "results": results}
        )
        assert (tmp_path / "target" / "run_results.json").stat().st_size > BODY_LIMIT
        await look.until(lambda: look.alert("dbt:model.shop.m1999"), "the last alert")
        graph = look.hand.store.read(catalog.read_graph)
        assert graph.upstream("Monday board", 1) == {"model.shop.revenue": 1}
        assert look.hand.store.read(rejected) == []
