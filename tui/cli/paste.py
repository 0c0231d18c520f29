"""What `sev setup` prints: where everything lies, how it is started, and what to paste into each tool."""

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.cli.setup import Begun


def pages(begun: "Begun", program: str) -> Iterator[str]:
    """The lines. The token itself is never among them, only where it lies."""
    yield f"store     {begun.store}{f', shared by the group {begun.group}' if begun.group else ''}"
    yield f"settings  {begun.settings}"
    yield f"token     {begun.token_file}"
    if begun.unit is not None:
        yield f"service   {begun.unit}"
    yield from _start(begun, program)
    yield from _people(begun, program)
    yield from _tools(begun)


def _head(title: str) -> Iterator[str]:
    yield ""
    yield f"# {title}"


def _start(begun: "Begun", program: str) -> Iterator[str]:
    yield from _head("Collect, now and after every boot:")
    if begun.unit is None:
        yield f"{program} --store {_shell(begun.store)} serve"
    elif begun.group:
        yield f"sudo install -m 644 {_shell(begun.unit)} /etc/systemd/system/sev.service"
        yield "sudo systemctl daemon-reload && sudo systemctl enable --now sev"
    else:
        yield "systemctl --user daemon-reload && systemctl --user enable --now sev"
        yield "loginctl enable-linger"


def _people(begun: "Begun", program: str) -> Iterator[str]:
    yield from _head("Open the console; the variable belongs into everybody's profile:" if begun.group else "Open it:")
    yield f"export SEV_STORE={_shell(begun.store)}"
    yield program
    if begun.group:
        yield from _head("Who joins the team, and logs in again:")
        yield f"sudo usermod -aG {begun.group} NAME"
    yield from _head("tmux:")
    yield f"set -g status-right '#(SEV_STORE={_shell(begun.store)} {program} status --line)'"


def _tools(begun: "Begun") -> Iterator[str]:
    yield from _head("Alertmanager, a receiver:")
    yield from (
        "receivers:",
        "  - name: sev",
        "    webhook_configs:",
        f"      - url: {begun.url}/v1/alertmanager",
        "        send_resolved: true",
        "        http_config:",
        "          authorization:",
        f"            credentials_file: {begun.token_file}",
    )
    yield from _head("Airflow, Dagster, dbt, Great Expectations, cron and what else can POST (blocks: see the README):")
    yield f'export SEV_URL={begun.url} SEV_TOKEN="$(cat {_shell(begun.token_file)})"'
    yield (
        'curl -sS -H "Authorization: Bearer $SEV_TOKEN" -d \'{"job": "load_orders", "status": "failed"}\' '
        '"$SEV_URL/v1/cron"'
    )
    yield from _head("What speaks to one of these already needs only another host, and the token as its key:")
    yield f"PagerDuty Events  {begun.url}/v2/enqueue"
    yield f"Opsgenie          {begun.url}/v2/alerts"
    yield f"OpenLineage       {begun.url}/api/v1/lineage"
    yield f"Prometheus        {begun.url}/api/v2/alerts"


def _shell(path: object) -> str:
    return shlex.quote(str(path))
