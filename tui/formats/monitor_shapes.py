"""The table of monitoring services: where a body of each has what. How it is read lies in `monitors`."""

from collections.abc import Mapping
from typing import Final

import msgspec

from tui.model.severity import Severity
from tui.model.signal import SignalStatus

Paths = tuple[str, ...]
"""Paths such as `incident.state` lead into objects; a number in one picks from a list."""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """Where one kind of body has what. Of several paths the first that leads to something counts.

    `identity` and `title` list alternatives, each of paths that are joined. `named_in` are
    objects of labels that may name the subject better than `subject`. `by` tells who, of an
    acknowledgement. A state that is not in `states`, in lower case, is unknown.
    """

    format: str
    what: str
    needs: Paths
    equals: tuple[str, str] | None = None
    state: Paths
    states: Mapping[str, SignalStatus]
    identity: tuple[Paths, ...]
    title: tuple[Paths, ...]
    subject: Paths
    named_in: Paths = ()
    severity: Paths = ()
    grades: Mapping[str, Severity] = {}
    at: Paths = ()
    starts: Paths = ()
    ended: Paths = ()
    page: Paths = ()
    runbook: Paths = ()
    by: Paths = ()
    labels: Paths = ()


_FIRING, _RESOLVED, _ACK = SignalStatus.FIRING, SignalStatus.RESOLVED, SignalStatus.ACKNOWLEDGED
_UNKNOWN, _INFO = SignalStatus.UNKNOWN, SignalStatus.INFO
_AZURE_GRADES: Final = {
    f"{front}{n}": grade
    for n, grade in enumerate((Severity.SEV1, Severity.SEV2, Severity.SEV3, Severity.SEV3, Severity.SEV3))
    for front in ("", "sev")
}
"""Azure counts from 0, the worst: its `Sev1` is an error, not the gravest."""

_AZURE_STATES: Final = {"activated": _FIRING, "fired": _FIRING, "resolved": _RESOLVED, "deactivated": _RESOLVED}


def _azure_rule(what: str, front: str, equals: tuple[str, str] | None) -> Shape:
    """Both older bodies of Azure: the same fields, the newer one inside `data`."""
    return Shape(
        format="azure_monitor",
        what=what,
        needs=(f"{front}status", f"{front}context.id", f"{front}context.resourceId"),
        equals=equals,
        state=(f"{front}status",),
        states=_AZURE_STATES,
        identity=((f"{front}context.id", f"{front}context.resourceId"),),
        title=((f"{front}context.name", f"{front}context.description"),),
        subject=(f"{front}context.resourceName", f"{front}context.resourceId", f"{front}context.name"),
        severity=(f"{front}context.severity",),
        grades=_AZURE_GRADES,
        at=(f"{front}context.timestamp",),
        page=(f"{front}context.portalLink",),
        labels=(f"{front}context.resourceGroupName", f"{front}context.resourceType", f"{front}context.conditionType"),
    )


SHAPES: Final = (
    Shape(
        format="gcp_monitoring",
        what="an incident of Google Cloud Monitoring",
        needs=("incident.incident_id", "incident.state"),
        state=("incident.state",),
        states={"open": _FIRING, "acknowledged": _ACK, "closed": _RESOLVED},
        identity=(("incident.incident_id",),),
        title=(("incident.summary",), ("incident.policy_name", "incident.condition_name")),
        subject=("incident.resource_display_name", "incident.resource_name", "incident.policy_name"),
        named_in=("incident.resource.labels", "incident.metric.labels", "incident.policy_user_labels"),
        severity=("incident.severity",),
        starts=("incident.started_at",),
        ended=("incident.ended_at",),
        page=("incident.url",),
        labels=(
            "incident.policy_name",
            "incident.condition_name",
            "incident.resource_name",
            "incident.resource_id",
            "incident.scoping_project_id",
            "incident.observed_value",
        ),
    ),
    Shape(
        format="azure_monitor",
        what="Azure Monitor's common alert schema",
        needs=("data.essentials",),
        equals=("schemaId", "azureMonitorCommonAlertSchema"),
        state=("data.essentials.monitorCondition",),
        states=_AZURE_STATES,
        identity=(
            ("data.essentials.alertId",),
            ("data.essentials.originAlertId",),
            ("data.essentials.alertRule", "data.essentials.alertTargetIDs.0"),
        ),
        title=(("data.essentials.alertRule", "data.essentials.description"), ("data.essentials.description",)),
        subject=("data.essentials.configurationItems.0", "data.essentials.alertTargetIDs.0"),
        severity=("data.essentials.severity",),
        grades=_AZURE_GRADES,
        starts=("data.essentials.firedDateTime",),
        ended=("data.essentials.resolvedDateTime",),
        page=("data.essentials.investigationLink", "data.alertContext.LinkToSearchResults"),
        labels=(
            "data.essentials.alertRule",
            "data.essentials.signalType",
            "data.essentials.monitoringService",
            "data.alertContext.conditionType",
        ),
    ),
    _azure_rule("a metric alert of Azure Monitor", "data.", ("schemaId", "AzureMonitorMetricAlert")),
    _azure_rule("a classic alert of Azure Monitor", "", None),
    Shape(
        format="new_relic",
        what="an incident of New Relic",
        needs=("current_state", "incident_id"),
        state=("current_state",),
        states={"open": _FIRING, "acknowledged": _ACK, "closed": _RESOLVED},
        identity=(("incident_id",),),
        title=(("details",), ("policy_name", "condition_name"), ("condition_name",)),
        subject=("targets.0.name", "condition_name", "policy_name"),
        named_in=("targets.0.labels",),
        severity=("severity",),
        at=("timestamp",),
        page=("incident_url",),
        runbook=("runbook_url",),
        by=("owner",),
        labels=("policy_name", "condition_name", "account_name", "event_type", "owner", "duration"),
    ),
    Shape(
        format="new_relic",
        what="an issue of a New Relic workflow",
        needs=("issueUrl", "state"),
        state=("state",),
        states={
            **dict.fromkeys(("created", "activated", "active", "open"), _FIRING),
            **dict.fromkeys(("closed", "deactivated"), _RESOLVED),
            "acknowledged": _ACK,
        },
        identity=(("issueId",), ("id",), ("issueUrl",)),
        title=(("title",), ("title.0",), ("alertConditionNames.0",)),
        subject=("impactedEntities.0", "entitiesData.names.0", "alertConditionNames.0"),
        severity=("priority",),
        at=("updatedAt",),
        starts=("createdAt",),
        page=("issueUrl",),
        by=("owner",),
        labels=("workflowName", "alertPolicyNames.0", "alertConditionNames.0", "trigger", "totalIncidents"),
    ),
    Shape(
        format="pingdom",
        what="a state change of Pingdom",
        needs=("check_id", "current_state", "previous_state"),
        state=("current_state",),
        states={
            **dict.fromkeys(("down", "failing"), _FIRING),
            **dict.fromkeys(("up", "success"), _RESOLVED),
            **dict.fromkeys(("paused", "unconfirmed_down"), _INFO),
        },
        identity=(("check_id",),),
        title=(("check_name", "long_description"), ("check_name", "description"), ("check_name",)),
        subject=("check_name", "check_params.hostname"),
        severity=("importance_level",),
        at=("state_changed_timestamp", "state_changed_utc_time"),
        labels=(
            "check_type",
            "check_params.full_url",
            "check_params.hostname",
            "first_probe.location",
            "custom_message",
        ),
    ),
    Shape(
        format="site24x7",
        what="a monitor of Site24x7",
        needs=("MONITORNAME", "STATUS"),
        state=("STATUS",),
        states={
            **dict.fromkeys(("down", "trouble", "critical"), _FIRING),
            "up": _RESOLVED,
            **dict.fromkeys(("maintenance", "suspended"), _INFO),
        },
        identity=(("MONITOR_ID",), ("MONITORID",), ("MONITORNAME", "MONITORURL"), ("MONITORNAME",)),
        title=(("MONITORNAME", "INCIDENT_REASON"), ("MONITORNAME", "REASON"), ("MONITORNAME",)),
        subject=("MONITORNAME",),
        severity=("STATUS",),
        grades={"down": Severity.SEV1, "critical": Severity.SEV1, "trouble": Severity.SEV3},
        at=("INCIDENT_TIME_ISO", "OUTAGE_TIME_UNIX_FORMAT", "ct"),
        page=("RCA_LINK", "MONITOR_DASHBOARD_LINK"),
        labels=("MONITORTYPE", "MONITORURL", "MONITOR_GROUPNAME", "FAILED_LOCATIONS", "REASON"),
    ),
    Shape(
        format="checkly",
        what="a check of Checkly",
        needs=("check_id", "check_name", "alert_type"),
        state=("alert_type",),
        states={
            **dict.fromkeys(("alert_failure", "alert_failure_remain", "alert_degraded_failure", "alert_ssl"), _FIRING),
            **dict.fromkeys(("alert_degraded", "alert_degraded_remain", "alert_failure_degraded"), _FIRING),
            **dict.fromkeys(("alert_recovery", "alert_degraded_recovery"), _RESOLVED),
            "no_alert": _INFO,
        },
        identity=(("check_id",),),
        title=(("check_name", "check_error_message"), ("check_name",)),
        subject=("check_name",),
        at=("started_at",),
        page=("link",),
        labels=("alert_type", "group_name", "check_type", "run_location", "response_time", "tags"),
    ),
    Shape(
        format="graylog",
        what="an alert of a Graylog stream",
        needs=("check_result.triggered", "stream.id"),
        state=("check_result.triggered",),
        states={"true": _FIRING, "false": _RESOLVED},
        identity=(("stream.id", "check_result.triggered_condition.id"), ("stream.id",)),
        title=(("stream.title", "check_result.result_description"), ("stream.title",)),
        subject=("stream.title",),
        at=("check_result.triggered_at",),
        labels=("stream.title", "stream.description", "check_result.triggered_condition.type"),
    ),
    Shape(
        format="riemann",
        what="an event of Riemann",
        needs=("host", "service", "state", "metric"),
        state=("state",),
        states={"ok": _RESOLVED, "warning": _FIRING, "critical": _FIRING, "expired": _UNKNOWN},
        identity=(("host", "service"), ("service",)),
        title=(("description",), ("service", "state")),
        subject=("service",),
        severity=("state",),
        at=("time",),
        labels=("host", "service", "metric"),
    ),
    Shape(
        format="vrops",
        what="an alert of vRealize Operations",
        needs=("alertId", "criticality", "resourceName"),
        state=("status",),
        states={"active": _FIRING, "new": _FIRING, "updated": _FIRING, "canceled": _RESOLVED, "cancelled": _RESOLVED},
        identity=(("alertId",),),
        title=(("alertName",), ("resourceName", "info"), ("resourceName", "subType")),
        subject=("resourceName",),
        severity=("criticality",),
        grades={
            "alert_criticality_level_critical": Severity.SEV1,
            "alert_criticality_level_immediate": Severity.SEV2,
            "alert_criticality_level_warning": Severity.SEV3,
            "alert_criticality_level_info": Severity.SEV3,
        },
        at=("updateDate",),
        starts=("startDate",),
        ended=("cancelDate",),
        labels=("type", "subType", "resourceKind", "adapterKind", "info"),
    ),
)
"""Every shape, in the order in which a body is tried."""
