"""What somebody may do: permissions, and the roles that hold them."""

from __future__ import annotations

from enum import Enum


class Permission(Enum):
    """One function of the console. SELF: what concerns nobody but oneself."""

    SELF = "self"
    VIEW = "view"
    STOP = "stop"
    COMMAND = "command"
    DRIVE = "drive"
    ACT = "act"
    VERDICT = "verdict"
    TALK = "talk"
    CLEAR_STOP = "clear_stop"
    OVERRIDE = "override"
    EDIT = "edit"
    EXPORT = "export"
    LOG = "log"
    USERS = "users"


class Role(Enum):
    """Each role may do what the one before it may, and more. Whoever may see may stop."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


_P = Permission
_ADDED: dict[Role, tuple[Permission, ...]] = {
    Role.VIEWER: (_P.SELF, _P.VIEW, _P.STOP),
    Role.OPERATOR: (_P.COMMAND, _P.DRIVE, _P.ACT, _P.VERDICT, _P.TALK),
    Role.SUPERVISOR: (_P.CLEAR_STOP, _P.OVERRIDE, _P.EDIT, _P.EXPORT, _P.LOG),
    Role.ADMINISTRATOR: (_P.USERS,),
}


def permissions_of(role: Role) -> frozenset[Permission]:
    """Everything that a role may do."""
    roles = list(Role)
    held = roles[: roles.index(role) + 1]
    return frozenset(permission for one in held for permission in _ADDED[one])
