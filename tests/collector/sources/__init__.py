"""Sources that are pulled."""
