"""What the README tells people to paste, run in the tools it is for. `heavy` where a tool must be installed first."""
