"""What every body of the event log is."""

import msgspec


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    """What happened. The event around it says when, by whom, and to which incident and alert."""
