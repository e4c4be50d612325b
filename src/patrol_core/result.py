"""How long actions end: one closed list of reasons, mirrored by every `.action` file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum


class Status(Enum):
    """The terminal states of a goal, named as in ROS actions."""

    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    ABORTED = "aborted"


class ErrorCode(IntEnum):
    """Why an action did not succeed. The number goes over the wire as `error_code`."""

    NONE = 0
    INVALID_GOAL = 1
    PREEMPTED = 2
    CANCELED = 3
    TIMEOUT = 4
    INTERNAL = 5
    SERVER_RESTARTED = 6

    NO_PATH = 100
    START_OCCUPIED = 101
    GOAL_OCCUPIED = 102
    GOAL_OUTSIDE = 103
    BLOCKED = 104
    STUCK = 105
    LOCALIZATION_LOST = 106
    INPUT_STALE = 107

    DOCK_UNKNOWN = 200
    DOCK_NOT_SEEN = 201
    DOCK_NOT_CHARGING = 202

    ROUTE_UNKNOWN = 300
    BATTERY_LOW = 301
    GATE_LATCHED = 302
    STOPPED_BY_OPERATOR = 303

    PLACE_UNKNOWN = 400
    NOT_OPEN_TO_VISITORS = 401
    VISITOR_GONE = 402
    BUSY = 403

    SUBJECT_UNKNOWN = 500
    NO_VIEW = 501
    TOO_FEW_VIEWS = 502
    PEOPLE_NEAR = 503
    TOO_NEAR = 504


@dataclass(frozen=True, slots=True)
class Result:
    """The end of a goal: status, code and one sentence for a person."""

    status: Status
    code: ErrorCode = ErrorCode.NONE
    message: str = ""

    @classmethod
    def success(cls, message: str = "") -> Result:
        return cls(Status.SUCCEEDED, ErrorCode.NONE, message)

    @classmethod
    def failure(cls, code: ErrorCode, message: str) -> Result:
        return cls(Status.ABORTED, code, message)

    @classmethod
    def canceled(cls, message: str = "canceled") -> Result:
        return cls(Status.CANCELED, ErrorCode.CANCELED, message)

    @property
    def ok(self) -> bool:
        return self.status is Status.SUCCEEDED
