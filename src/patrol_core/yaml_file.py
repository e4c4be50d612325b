"""Reads a YAML file whose lines need not be named one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from patrol_core.errors import ConfigError, Place


def load_yaml(path: Path, what: str) -> Any:
    """The document in `path`. Raises ConfigError when it is missing or no YAML.

    `what` names it in the error. Files that people edit much are read by `site.yaml_tree`, which
    finds every mistake with its line.
    """
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(
            f"cannot read {what}: {reason}",
            place=Place(path),
            remedy="check the path and its permissions",
        ) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ConfigError(
            f"not valid YAML: {error.problem}", place=Place(path, line), remedy="mend this line"
        ) from error
    except yaml.YAMLError as error:
        raise ConfigError(
            "not valid YAML: it has characters that no text has",
            place=Place(path),
            remedy="write the file anew, as UTF-8 text",
        ) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"not valid YAML: {error}", place=Place(path), remedy="correct the value"
        ) from error
