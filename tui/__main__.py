"""The process's entry: hands over to the command line and nothing else."""


def main() -> None:
    """Run `sev`; the exit code is the command's."""
    from tui.cli import run

    run()


if __name__ == "__main__":
    main()
