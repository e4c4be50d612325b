"""What a process has freed goes back to the system."""

from __future__ import annotations

import subprocess
import sys

import pytest

KEPT = """
import sys, numpy, psutil
from patrol_host_ros.host import give_large_memory_back
def resident_mib(): return psutil.Process().memory_info().rss / 2**20
if sys.argv[1] == "given back": give_large_memory_back()
del_first = numpy.ones(30 << 17); del del_first
before_mib = resident_mib()
large, after_it = numpy.ones(20 << 17), [numpy.ones(100) for _ in range(1000)]
del large
print(resident_mib() - before_mib)
"""


@pytest.mark.parametrize(("way", "least_mib", "most_mib"), [
    ("given back", -5.0, 5.0),
    ("as glibc does", 15.0, 30.0),
])  # fmt: skip
def test_large_blocks_do_not_stay(way: str, least_mib: float, most_mib: float) -> None:
    run = [sys.executable, "-c", KEPT, way]
    kept_mib = float(subprocess.run(run, check=True, capture_output=True, text=True).stdout)
    assert least_mib < kept_mib < most_mib
