"""The parts of the main screen, each fed with one slice."""
