"""What a recording says of site, robot and software."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict
from pathlib import Path

from patrol_core.component import ProcessContext
from patrol_core.configuration import code_digest
from patrol_core.errors import ConfigError
from patrol_core.robot_description import expand_xacro
from patrol_core.site.history import FILES, History
from patrol_records.flight.head import Setting
from patrol_records.params import RecordsParams

PACKAGES = ("patrol_core", "patrol_records")
_log = logging.getLogger(__name__)


class SettingSource:
    """Tells the setting as it is when asked: a site may be changed while the robot runs.

    A robot's description that cannot be read is left out, and told.
    """

    def __init__(self, context: ProcessContext, params: RecordsParams, configuration: str) -> None:
        self._context, self._params, self._configuration = context, params, configuration
        self._description: str | None = None

    def __call__(self) -> Setting:
        context, folder = self._context, self._context.site.folder
        texts = {name: _text(folder / name) for name in FILES}
        digest = hashlib.sha256("\0".join(texts.values()).encode()).hexdigest()
        numbers = History(folder).numbers()
        version = f"{numbers[-1]} " if numbers else ""
        if self._description is None:
            self._description = _description(self._params.flight.description)
        return Setting(
            self._params.robot_id, context.site.name, f"{version}sha256:{digest}",
            self._configuration,
            " ".join(f"{name}:{code_digest(name)}" for name in PACKAGES), context.epoch_s,
            {
                **texts, "robot.json": json.dumps(asdict(context.robot), indent=1),
                "records.json": _parameters(self._params),
            },
            self._description,
        )  # fmt: skip


def _description(file: str) -> str:
    try:
        return expand_xacro(Path(file)) if file else ""
    except ConfigError as error:
        _log.warning("recordings are without the robot's description: %s", error)
        return ""


def _parameters(params: RecordsParams) -> str:
    """Without where things are on this machine, and passwords."""
    values = asdict(params)
    for name in ("database_url", "log_folder"):
        values.pop(name)
    values["flight"].pop("description")
    return json.dumps(values, indent=1)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
