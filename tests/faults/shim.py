"""A library, built with the machine's own compiler, that is preloaded into a process and breaks it as it runs."""

import os
import shutil
import struct
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

_SOURCE: Final = Path(__file__).with_name("shim.c")


class Shim:
    """What is broken, in every process that was started with `environment`."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            told = "no C compiler is installed: apt-get install gcc libc6-dev"
            if os.environ.get("SEV_REQUIRE_REAL"):
                pytest.fail(told)
            pytest.skip(told)
        library, self._told = folder / "shim.so", folder / "faults"
        argv = [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library), str(_SOURCE), "-ldl"]
        subprocess.run(argv, check=True)
        self._told.write_bytes(bytes(24))
        self.environment = {"LD_PRELOAD": str(library), "FAULTS": str(self._told)}

    def _tell(self, place: int, value: int) -> None:
        with self._told.open("r+b") as file:
            file.seek(8 * place)
            file.write(struct.pack("=q", value))

    def fail_syncs(self) -> None:
        """From now on every fsync and fdatasync fails with EIO and syncs nothing."""
        self._tell(0, 1)

    def fail_one_sync(self) -> None:
        """The next one fails; those after it succeed, whatever was lost."""
        self._tell(0, 2)

    def heal(self) -> None:
        """Syncs reach the disk again."""
        self._tell(0, 0)

    @property
    def failed(self) -> int:
        """Syncs that failed so far."""
        return int(struct.unpack_from("=q", self._told.read_bytes(), 16)[0])

    def shift_clock(self, by: timedelta) -> None:
        """Set the wall clock so far from the true time."""
        self._tell(1, int(by.total_seconds()))
