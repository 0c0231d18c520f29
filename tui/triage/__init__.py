"""What a signal means: pure rules over values, no I/O and no clock."""
