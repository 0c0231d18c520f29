"""Simulated outages: the story that `sev demo` plays, sent as real payloads through the real receiver."""
