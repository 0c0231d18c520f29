"""The store: log, projections, migrations, several writers, reading back."""
