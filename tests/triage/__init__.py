"""What a signal means."""
