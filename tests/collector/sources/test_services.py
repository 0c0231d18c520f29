"""Airflow, Dagster, Prefect and PagerDuty, as servers that answer as theirs do, through the intake into alerts."""

import json
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from aiohttp import web

from tests.collector.hand import Hand
from tests.collector.sources.site import Site, site
from tui.collector.intake import Delivery, prepare, take_in
from tui.collector.sources.airflow import in_order, still_troubled
from tui.collector.sources.haul import Known
from tui.collector.sources.kinds import format_of, puller_of
from tui.config import SourceKind, SourceSettings
from tui.errors import SevError
from tui.formats.decode import Json
from tui.model.alert import Alert, AlertStatus
from tui.model.signal import Signal
from tui.model.text import Safe
from tui.store.alerts import alert_by_key
from tui.store.sources import Cursor, unresolved_of

T = TypeVar("T")


class Asking:
    """Asks one source by hand, takes in what it brings, and moves the clock between two polls."""

    def __init__(self, hand: Hand, settings: SourceSettings) -> None:
        self.hand = hand
        self.settings = settings
        self.cursor: Cursor = {}
        self.puller = puller_of(settings, self._open_alerts, timedelta(hours=1))

    async def _open_alerts(self, formats: object) -> list[Alert]:
        names = [str(name) for name in formats] if isinstance(formats, tuple) else []
        return self.hand.store.read(lambda conn: unresolved_of(conn, self.settings.name, names))

    async def poll(self, minutes: float = 1) -> list[Signal]:
        self.hand.later(minutes=minutes)
        now = self.hand.now
        try:
            haul = await self.puller.pull(self.cursor, now)
        except SevError:
            self.puller.broke_off()
            raise
        finally:
            await self.puller.close()
        read = [
            prepare(
                Delivery(
                    body=body, received_at=now, uid=1, source=Safe(self.settings.name), format=format_of(self.settings)
                )
            )
            for body in haul.bodies
        ]
        assert [one.refused for one in read] == [None] * len(read)
        self.hand.store.tx(lambda conn: take_in(conn, now, read))
        if (after := haul.after) is not None:
            self.hand.store.tx(lambda conn: after(conn, now))
        if haul.cursor is not None:
            self.cursor = json.loads(json.dumps(haul.cursor))
        if haul.kept is not None:
            haul.kept()
        return [signal for one in read for signal in one.signals]

    def alert(self, identity: str) -> Alert:
        key = Safe(f"{self.settings.name}:{identity}")
        found = self.hand.store.read(lambda conn: alert_by_key(conn, key, self.hand.now))
        assert found is not None, [one.key for one in self.hand.alerts()]
        return found

    def status(self, identity: str) -> AlertStatus:
        return self.alert(identity).status


def told(signals: list[Signal]) -> list[str]:
    return [f"{one.subject} {one.status}" for one in signals]


def asking(hand: Hand, kind: SourceKind, url: str) -> Asking:
    return Asking(hand, SourceSettings(name=kind.value, kind=kind, url=url))


def queried(served: Site, path: str) -> list[dict[str, list[str]]]:
    found = []
    for one in served.asked:
        if one.path == path:
            query: dict[str, list[str]] = {}
            for name, value in one.query:
                query.setdefault(name, []).append(value)
            found.append(query)
    return found


RUNS, TASKS = "/dags/~/dagRuns", "/dags/~/dagRuns/~/taskInstances"


def run(dag: str, state: str, *, run_id: str = "r1", end: str | None = "2026-11-24T13:50:00Z") -> Json:
    return {
        "dag_id": dag, "dag_run_id": run_id, "state": state, "start_date": "2026-11-24T13:00:00Z", "end_date": end,
    }  # fmt: skip


def task(dag: str, name: str, state: str, *, tries: int = 1, end: str = "2026-11-24T13:49:00Z") -> Json:
    return {
        "dag_id": dag, "dag_run_id": "r1", "task_id": name, "map_index": -1, "state": state, "try_number": tries,
        "max_tries": 1, "start_date": "2026-11-24T13:00:00Z", "end_date": end,
    }  # fmt: skip


def airflow(served: Site, runs: list[Json], tasks: list[Json], version: str = "v2") -> None:
    served.serve(f"/api/{version}/version", {"version": "3.0.0"})
    served.serve(f"/api/{version}{RUNS}", {"dag_runs": runs, "total_entries": len(runs)})
    served.serve(f"/api/{version}{TASKS}", {"task_instances": tasks, "total_entries": len(tasks)})


async def test_airflow_failed_runs_and_tasks(hand: Hand) -> None:
    async with site() as served:
        airflow(
            served, [run("nightly", "failed"), run("hourly", "success")], [task("nightly", "load", "failed", tries=2)]
        )
        source = asking(hand, SourceKind.AIRFLOW, served.url)
        assert set(told(await source.poll())) == {
            "nightly firing", "nightly.load firing", "hourly succeeded",
        }  # fmt: skip
        (query,) = queried(served, f"/api/v2{RUNS}")
        assert query["state"] == ["failed", "running", "success"]
        assert (query["order_by"], query["limit"], query["offset"]) == (["-end_date"], ["100"], ["0"])
        assert datetime.fromisoformat(query["updated_at_gte"][0]) < hand.now - timedelta(hours=24)
        (query,) = queried(served, f"/api/v2{TASKS}")
        assert query["state"] == ["failed", "up_for_retry"]
        gone = "/api/v2/dags/nightly/dagRuns/~/taskInstances"
        assert await source.poll() == [], "nothing new is handed over once more"
        airflow(served, [], [])
        await source.poll()
        await source.poll()
        assert served.paths().count(gone) == 2, "a DAG that is no longer there is not asked for again"
        since = [query["updated_at_gte"] for query in queried(served, f"/api/v2{RUNS}")[1:3]]
        assert since == [["2026-11-24T14:00:30+00:00"], ["2026-11-24T14:01:30+00:00"]], "with a little overlap"


async def test_airflow_a_task_in_trouble_is_asked_for_until_it_succeeds(hand: Hand) -> None:
    place = "/api/v2/dags/nightly/dagRuns/~/taskInstances"
    async with site() as served:
        airflow(served, [run("nightly", "running", end=None)], [task("nightly", "load", "up_for_retry")])
        source = asking(hand, SourceKind.AIRFLOW, served.url)
        await source.poll()
        assert source.status("nightly.load") is AlertStatus.RETRYING
        airflow(served, [], [])
        done = [
            task("nightly", "load", "success", tries=2, end="2026-11-24T14:01:00Z"),
            task("nightly", "x", "success"),
        ]
        served.serve(place, {"task_instances": done, "total_entries": 2})
        assert told(await source.poll()) == ["nightly.load succeeded"], "others never were in trouble"
        assert source.status("nightly.load") is AlertStatus.RESOLVED
        await source.poll()
        assert len(queried(served, place)) == 1, "it is no longer asked for"


async def test_airflow_the_last_word_on_a_dag_counts(hand: Hand) -> None:
    async with site() as served:
        newest_first = [run("n", "success", run_id="r2", end="2026-11-24T13:59:00Z"), run("n", "failed")]
        airflow(served, newest_first, [])
        source = asking(hand, SourceKind.AIRFLOW, served.url)
        await source.poll()
        assert source.status("n") is AlertStatus.RESOLVED


async def test_airflow_2_is_asked_by_its_older_address(hand: Hand) -> None:
    async with site() as served:
        airflow(served, [run("nightly", "failed")], [], version="v1")
        source = asking(hand, SourceKind.AIRFLOW, served.url)
        assert told(await source.poll()) == ["nightly firing"]
        await source.poll()
        asked = [path for path in served.paths() if path.endswith("/dagRuns")]
        assert asked == [f"/api/v1{RUNS}", f"/api/v1{RUNS}"]
        assert served.paths()[:2] == ["/api/v2/version", "/api/v1/version"]


async def test_what_is_no_airflow(hand: Hand) -> None:
    async with site() as served:
        with pytest.raises(SevError, match="there is no Airflow"):
            await asking(hand, SourceKind.AIRFLOW, served.url).poll()


async def test_airflow_pages_are_read_to_their_end(hand: Hand) -> None:
    runs = [run(f"d{n}", "failed") for n in range(230)]

    async def page(request: web.BaseRequest) -> web.StreamResponse:
        offset = int(request.query["offset"])
        return web.json_response({"dag_runs": runs[offset : offset + 100], "total_entries": 230})

    async with site() as served:
        airflow(served, [], [])
        served.serve(f"/api/v2{RUNS}", page)
        assert len(await asking(hand, SourceKind.AIRFLOW, served.url).poll()) == 230


def test_airflow_order_and_troubles() -> None:
    items: list[dict[str, Json]] = [
        {"end_date": None, "n": 3},
        {"end_date": "2026-02", "n": 2},
        {"end_date": "2026-01", "n": 1},
    ]
    assert [one["n"] for one in in_order(items)] == [1, 2, 3]
    tasks: list[dict[str, Json]] = [
        {"dag_id": "d", "task_id": "a", "state": "failed"},
        {"dag_id": "d", "task_id": "a", "state": "success"},
        {"dag_id": "d", "task_id": "b", "state": "up_for_retry"},
    ]
    assert still_troubled({("d", "c")}, tasks) == [["d", "b"], ["d", "c"]]


def dagster_run(number: int, job: str, status: str, at: float) -> Json:
    return {
        "__typename": "Run", "id": f"run-{number}", "runId": f"run-{number}", "jobName": job, "status": status,
        "startTime": at - 60, "endTime": at, "updateTime": at, "tags": [{"key": "team", "value": "finance"}],
        "repositoryOrigin": {"repositoryName": "r", "repositoryLocationName": "defs"},
    }  # fmt: skip


async def test_dagster_runs(hand: Hand) -> None:
    at = hand.now.timestamp()
    runs = [dagster_run(3, "daily", "SUCCESS", at - 10), dagster_run(2, "nightly", "FAILURE", at - 20),
            dagster_run(1, "daily", "FAILURE", at - 90)]  # fmt: skip
    async with site() as served:
        served.serve("/graphql", {"data": {"runsOrError": {"__typename": "Runs", "results": runs}}})
        source = asking(hand, SourceKind.DAGSTER, served.url)
        assert told(await source.poll()) == ["daily firing", "nightly firing", "daily succeeded"]
        assert source.status("daily") is AlertStatus.RESOLVED
        assert await source.poll() == []
        first, second = (json.loads(one.body)["variables"] for one in served.asked)
        assert first["filter"]["statuses"] == ["FAILURE", "SUCCESS", "STARTED", "CANCELED"]
        assert second["filter"]["updatedAfter"] - first["filter"]["updatedAfter"] == pytest.approx(86400)
        assert (first["limit"], first["cursor"]) == (100, None)


async def test_dagster_pages_go_on_behind_the_last_run(hand: Hand) -> None:
    at = hand.now.timestamp()

    async def page(request: web.BaseRequest) -> web.StreamResponse:
        after = (await request.json())["variables"]["cursor"]
        start = int(after.removeprefix("run-")) + 1 if after else 0
        found = [dagster_run(n, f"j{n}", "FAILURE", at - n) for n in range(start, min(start + 100, 150))]
        return web.json_response({"data": {"runsOrError": {"__typename": "Runs", "results": found}}})

    async with site() as served:
        served.serve("/graphql", page)
        assert len(await asking(hand, SourceKind.DAGSTER, f"{served.url}/graphql").poll()) == 150


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"data": {"runsOrError": {"__typename": "PythonError", "message": "db is away"}}}, "db is away"),
        ({"errors": [{"message": "Cannot query field"}], "data": None}, "Cannot query field"),
        ({"hello": 1}, "no answer to the question"),
    ],
)
async def test_dagster_tells_errors_with_a_success(hand: Hand, answer: Json, why: str) -> None:
    async with site() as served:
        served.serve("/graphql", answer)
        with pytest.raises(SevError, match=f"Dagster lists no runs: .*{why}"):
            await asking(hand, SourceKind.DAGSTER, served.url).poll()


def flow_run(number: int, state: str, name: str, end: datetime | None) -> dict[str, Json]:
    return {
        "id": f"fr{number}", "name": f"crimson-fox-{number}", "flow_id": "f1", "deployment_id": "d1",
        "state_type": state, "state_name": name, "run_count": 1, "end_time": end.isoformat() if end else None,
        "state": {"type": state, "name": name, "message": "boom", "timestamp": "2026-11-24T13:59:00Z"},
    }  # fmt: skip


def prefect(served: Site, runs: list[dict[str, Json]]) -> None:
    """Answer as it does: filtered by type or by name of the state, in pages, the last to end first."""

    async def filtered(request: web.BaseRequest) -> web.StreamResponse:
        asked = json.loads(await request.read())
        state = asked["flow_runs"]["state"]
        wanted = state.get("type", state.get("name"))["any_"]
        field = "state_type" if "type" in state else "state_name"
        found = [one for one in runs if one[field] in wanted]
        found.sort(key=lambda one: str(one["end_time"]), reverse=asked["sort"] == "END_TIME_DESC")
        return web.json_response(found[asked["offset"] : asked["offset"] + asked["limit"]])

    served.serve("/api/flow_runs/filter", filtered)
    served.serve("/api/flows/filter", [{"id": "f1", "name": "etl"}])
    served.serve("/api/deployments/filter", [{"id": "d1", "name": "production"}])


async def test_prefect_runs_and_their_names(hand: Hand) -> None:
    now = hand.now
    runs = [flow_run(n, "COMPLETED", "Completed", now - timedelta(hours=30 + n)) for n in range(150)]
    async with site() as served:
        prefect(served, [flow_run(900, "FAILED", "Failed", now - timedelta(minutes=5)), *runs])
        source = asking(hand, SourceKind.PREFECT, f"{served.url}/api")
        assert told(await source.poll()) == ["etl/production firing"], "what ended days ago is history"
        assert len([path for path in served.paths() if path == "/api/flow_runs/filter"]) == 2, "no page too many"
        assert await source.poll() == []
        prefect(served, [flow_run(901, "COMPLETED", "Completed", hand.now), *runs])
        assert told(await source.poll()) == ["etl/production succeeded"]
        assert source.status("etl/production") is AlertStatus.RESOLVED
        assert served.paths().count("/api/flows/filter") == 1, "a name is asked for once"


async def test_prefect_runs_that_are_late_or_wait_for_a_retry(hand: Hand) -> None:
    async with site() as served:
        prefect(served, [flow_run(1, "SCHEDULED", "AwaitingRetry", None)])
        source = asking(hand, SourceKind.PREFECT, f"{served.url}/api")
        assert told(await source.poll()) == ["etl/production retrying"]
        prefect(served, [flow_run(2, "SCHEDULED", "Late", None)])
        assert told(await source.poll()) == ["etl/production firing"]


def incident(
    name: str, status: str = "triggered", by: str = "", at: str = "2026-11-24T13:55:00Z", service: str = "Orders"
) -> dict[str, Json]:
    who: list[Json] = [{"at": at, "acknowledger": {"type": "user_reference", "summary": by}}] if by else []
    return {
        "id": name, "type": "incident", "incident_number": 7, "title": f"{name} of {service} is down", "status": status,
        "urgency": "high", "created_at": "2026-11-24T13:50:00Z", "last_status_change_at": at,
        "service": {"summary": service, "type": "service_reference"}, "acknowledgements": who,
    }  # fmt: skip


def entry(number: int, kind: str, name: str, by: str, at: str, of: str = "user_reference") -> Json:
    return {
        "id": f"L{number}", "type": f"{kind}_log_entry", "created_at": at, "agent": {"type": of, "summary": by},
        "incident": {"id": name, "type": "incident_reference", "summary": f"[#7] {name} is down"},
        "service": {"summary": "Orders", "type": "service_reference"},
    }  # fmt: skip


def pagerduty(served: Site, incidents: list[dict[str, Json]], log: list[Json]) -> None:
    served.serve("/incidents", {"incidents": [*incidents], "limit": 100, "offset": 0, "more": False})
    served.serve("/log_entries", {"log_entries": log, "limit": 100, "offset": 0, "more": False})


async def test_pagerduty_an_acknowledge_there_counts_here(hand: Hand) -> None:
    async with site() as served:
        pagerduty(served, [incident("PAAAAA1"), incident("PBBBBB2", service="Billing")], [])
        source = asking(hand, SourceKind.PAGERDUTY, served.url)
        assert len(await source.poll()) == 2
        pagerduty(
            served,
            [incident("PAAAAA1", "acknowledged", "Maya Lin", "2026-11-24T14:01:30Z"),
             incident("PBBBBB2", service="Billing")],
            [entry(1, "acknowledge", "PAAAAA1", "Maya Lin", "2026-11-24T14:01:30Z"),
             entry(2, "acknowledge", "PBBBBB2", "Auto", "2026-11-24T14:01:30Z", of="service_reference"),
             entry(3, "notify", "PBBBBB2", "Li", "2026-11-24T14:01:30Z")],
        )  # fmt: skip
        await source.poll()
        first = source.alert("PAAAAA1")
        assert (first.acknowledged_by, first.status) == ("Maya Lin", AlertStatus.FIRING)
        assert first.acknowledged_at == datetime.fromisoformat("2026-11-24T14:01:30Z")
        assert source.alert("PBBBBB2").acknowledged_by is None, "a service that acknowledges is nobody who looks at it"
        (said,) = [event for event in hand.events() if event.actor == "Maya Lin"]
        assert (said.uid, said.recorded_at) == (1, hand.now), "the uid is the collector's"
        candidate = next(one for one in hand.candidates() if one.root == first.id)
        assert candidate.acknowledged_by == "Maya Lin"
        before = len(hand.events())
        assert await source.poll() == []
        assert len(hand.events()) == before, "it is told once"
        assert hand.is_whole()


async def test_pagerduty_an_incident_acknowledged_before_we_knew_it_still_fires(hand: Hand) -> None:
    async with site() as served:
        pagerduty(served, [incident("PAAAAA1", "acknowledged", "Bo", "2026-11-24T13:56:00Z")], [])
        log = [entry(2, "acknowledge", "PAAAAA1", "Bo", "2026-11-24T13:56:00Z"),
               entry(1, "trigger", "PAAAAA1", "", "2026-11-24T13:50:00Z", of="service_reference")]  # fmt: skip
        served.serve("/incidents/PAAAAA1/log_entries", {"log_entries": log, "limit": 100})
        source = asking(hand, SourceKind.PAGERDUTY, served.url)
        await source.poll()
        found = source.alert("PAAAAA1")
        assert (found.status, found.acknowledged_by) == (AlertStatus.FIRING, "Bo")


async def test_pagerduty_only_people_acknowledge_and_the_first_of_them_counts(hand: Hand) -> None:
    at: Json = "2026-11-24T13:56:00Z"
    machine: Json = {"at": at, "acknowledger": {"type": "service_reference", "summary": "Auto"}}
    people: list[Json] = [
        {"at": at, "acknowledger": {"type": "user_reference", "summary": name}} for name in ("Bo", "Ann")
    ]
    async with site() as served:
        by_machine = {**incident("PAAAAA1", "acknowledged"), "acknowledgements": [machine]}
        by_both = {**incident("PBBBBB2", "acknowledged"), "acknowledgements": [machine, *people]}
        pagerduty(served, [by_machine, by_both], [])
        log = [entry(1, "trigger", "PAAAAA1", "", "2026-11-24T13:50:00Z", of="service_reference")]
        served.serve("/incidents/PAAAAA1/log_entries", {"log_entries": log, "limit": 100})
        source = asking(hand, SourceKind.PAGERDUTY, served.url)
        await source.poll()
        first, second = source.alert("PAAAAA1"), source.alert("PBBBBB2")
        assert (first.status, first.acknowledged_by) == (AlertStatus.FIRING, None)
        assert (second.status, second.acknowledged_by) == (AlertStatus.FIRING, "Bo")
        assert "/incidents/PBBBBB2/log_entries" not in served.paths()
        assert hand.is_whole()


async def test_pagerduty_an_incident_that_is_listed_no_more_is_looked_up(hand: Hand) -> None:
    async with site() as served:
        pagerduty(served, [incident("PAAAAA1"), incident("PBBBBB2")], [])
        source = asking(hand, SourceKind.PAGERDUTY, served.url)
        await source.poll()
        pagerduty(served, [incident("PBBBBB2")], [])
        served.serve("/incidents/PAAAAA1", {"incident": incident("PAAAAA1", "resolved", at="2026-11-24T14:01:00Z")})
        await source.poll()
        assert source.status("PAAAAA1") is AlertStatus.RESOLVED
        assert source.status("PBBBBB2") is AlertStatus.FIRING
        assert await source.poll() == []


async def test_pagerduty_what_it_never_had_is_asked_for_once(hand: Hand) -> None:
    hand.send(
        {"routing_key": "k", "event_action": "trigger", "dedup_key": "LOADER1",
         "payload": {"summary": "s", "severity": "error", "source": "x"}},
        source="pagerduty",
    )  # fmt: skip
    async with site() as served:
        pagerduty(served, [], [])
        source = asking(hand, SourceKind.PAGERDUTY, served.url)
        for _ in range(3):
            assert await source.poll() == []
        assert served.paths().count("/incidents/LOADER1") == 1
        assert source.status("LOADER1") is AlertStatus.FIRING


def test_news_are_told_once_they_were_kept() -> None:
    known = Known(limit=2)
    news = known.news([("a", 1), ("b", 1)])
    assert news.names == {"a", "b"}
    assert known.news([("a", 1)]).names == {"a"}, "what was not kept is told again"
    news.keep()
    assert known.news([("a", 1), ("b", 2), ("c", 1)]).names == {"b", "c"}
    known.news([("c", 1), ("d", 1)]).keep()
    assert known.news([("a", 1), ("c", 1), ("d", 1)]).names == {"a"}, "the oldest are forgotten"
