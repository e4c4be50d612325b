"""What holds for all tests."""

from __future__ import annotations

import atexit
import sys

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "fixed", derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("fixed")
pytest.register_assert_rewrite("tests.controllers")

_status = pytest.StashKey[int]()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[_status] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Where a test was in the ROS graph, pytest ends without the clean-up of Fast DDS."""
    if "rclpy" in sys.modules and _status in config.stash and not hasattr(config, "workerinput"):
        from patrol_host_ros.spinning import leave

        atexit._run_exitfuncs()
        leave(config.stash[_status])
