"""`./ronda console users` and `keys`: who may sign in to the operators' console, and what may
report alarms to it, changed at the machine.

The way back in for whoever administers the robot: it needs no password but the right to write the
console's folder. A running console takes a change in within two seconds, and tells the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patrol_console.accounts.permissions import Role
from patrol_console.files import ACCOUNTS, FIRST_CODE, FOLDER

if TYPE_CHECKING:
    from patrol_console.accounts.store import AccountStore, User

app = typer.Typer(help="The operators' console, at the machine.", no_args_is_help=True)
users = typer.Typer(help="Who may sign in, and as what.", no_args_is_help=True)
app.add_typer(users, name="users")
keys = typer.Typer(
    help="Keys of alarm systems, which may report alarms over HTTP.", no_args_is_help=True
)
app.add_typer(keys, name="keys")


FolderOption = Annotated[
    Path | None,
    typer.Option("--folder", help="The console's folder; default: runs/robot/console. A "
                 "simulation's is runs/console."),
]  # fmt: skip
NameArgument = Annotated[str, typer.Argument(help="The name with which somebody signs in.")]
RoleArgument = Annotated[Role, typer.Argument(help="What the user may do.")]
RobotsOption = Annotated[
    list[str] | None, typer.Option("--robot", help="A robot that it is for; default: all.")
]
KeyArgument = Annotated[str, typer.Argument(help="The alarm system's name, for the log.")]


@users.command("list")
def list_users(folder: FolderOption = None) -> None:
    """Show all users."""
    with _opened(folder) as store:
        for user in store.users():
            typer.echo(f"{user.name:<32}  {user.role.value:<13}  {', '.join(user.robots)}")
        if not store.users():
            typer.echo("no users yet: './ronda console users code' shows the first one's code")


@users.command()
def add(
    name: NameArgument, role: RoleArgument, robot: RobotsOption = None, folder: FolderOption = None
) -> None:
    """Add a user; the password is asked for."""
    import time

    from patrol_console.accounts.store import User, check_name
    from patrol_console.errors import ConsoleError

    with _opened(folder) as store:
        if store.user(check_name(name)) is not None:
            raise ConsoleError(f"there is a user '{name}' already")
        robots = tuple(robot or ("*",))
        store.put(User(name, role, robots, _new_password(name), time.time(), has_chosen=False))
        store.note("user_added", name, f"{role.value}, robots: {', '.join(robots)}")
    typer.echo(f"{name} may sign in, and chooses a password then")


@users.command("role")
def change_role(
    name: NameArgument, role: RoleArgument, robot: RobotsOption = None, folder: FolderOption = None
) -> None:
    """Give a user another role, and other robots where they are named."""
    with _opened(folder) as store:
        user = _known(store, name)
        changed = replace(user, role=role, robots=tuple(robot or user.robots))
        store.put(changed)
        store.note("user_changed", name, f"{role.value}, robots: {', '.join(changed.robots)}")
    typer.echo(f"{name} is {role.value} now")


@users.command()
def password(name: NameArgument, folder: FolderOption = None) -> None:
    """Set a new password for somebody who has lost it; it is asked for."""
    with _opened(folder) as store:
        user = _known(store, name)
        store.put(replace(user, password=_new_password(name), has_chosen=False))
        store.note("password_reset", name)
    typer.echo(f"{name} signs in with it, and chooses another then")


@users.command()
def remove(name: NameArgument, folder: FolderOption = None) -> None:
    """Remove a user; all sessions end."""
    with _opened(folder) as store:
        _known(store, name)
        store.remove(name)
        store.note("user_removed", name)
    typer.echo(f"{name} is removed")


@users.command()
def code(folder: FolderOption = None) -> None:
    """Show the code of the first start, which makes the first administrator."""
    from patrol_console.errors import ConsoleError

    with _opened(folder) as store:
        if store.users():
            raise ConsoleError(
                "there are users already: the code has been used",
                remedy="'./ronda console users password NAME' sets a password anew",
            )
    try:
        typer.echo((_folder(folder) / FIRST_CODE).read_text(encoding="ascii").strip())
    except (OSError, UnicodeDecodeError):
        raise ConsoleError("no code was made yet", remedy="start the console first") from None


@keys.command("list")
def list_keys(folder: FolderOption = None) -> None:
    """Show the names of all keys."""
    with _opened(folder) as store:
        known = store.keys()
    for key in known:
        typer.echo(f"{key.name:<32}  {', '.join(key.robots)}")
    if not known:
        typer.echo("no keys")


@keys.command("add")
def add_key(name: KeyArgument, robot: RobotsOption = None, folder: FolderOption = None) -> None:
    """Make a key and print it: it is shown this once."""
    import time

    from patrol_console.accounts.keys import new_key
    from patrol_console.accounts.store import check_name

    robots = tuple(robot or ("*",))
    with _opened(folder) as store:
        key = new_key(store, check_name(name), robots, time.time())
        store.note("key_added", name, f"robots: {', '.join(robots)}")
    typer.echo(key)


@keys.command("remove")
def remove_key(name: KeyArgument, folder: FolderOption = None) -> None:
    """Remove a key; it opens nothing from now on."""
    from patrol_console.errors import ConsoleError

    with _opened(folder) as store:
        if not store.remove_key(name):
            raise ConsoleError(f"there is no key '{name}'", remedy="./ronda console keys list")
        store.note("key_removed", name)
    typer.echo(f"{name} is removed")


def _folder(folder: Path | None) -> Path:
    from ronda_cli.runs import RUNS

    return folder if folder is not None else RUNS / "robot" / FOLDER


@contextmanager
def _opened(folder: Path | None) -> Iterator[AccountStore]:
    """The accounts in a folder. Raises ConsoleError, also for what the accounts refuse."""
    from patrol_console.accounts.store import AccountStore
    from patrol_console.errors import ConsoleError
    from patrol_core.web.asking import RefusalError

    file = _folder(folder) / ACCOUNTS
    if not file.exists():
        raise ConsoleError(
            f"there are no accounts in {file.parent}",
            expected="the folder of a console that was started once",
            remedy="start it, or name its folder with --folder",
        )
    store = AccountStore(file)
    try:
        yield store
    except RefusalError as refusal:
        raise ConsoleError(refusal.sentence) from refusal
    finally:
        store.close()


def _known(store: AccountStore, name: str) -> User:
    from patrol_console.errors import ConsoleError

    user = store.user(name)
    if user is None:
        raise ConsoleError(f"there is no user '{name}'", remedy="./ronda console users list")
    return user


def _new_password(name: str) -> str:
    """What is kept of a password that is asked for. Raises RefusalError."""
    from patrol_console.accounts.passwords import check_password, hash_password

    asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    check_password(asked, name)
    return hash_password(asked)
