"""Builds the components of the records process."""

from __future__ import annotations

from patrol_core.component import Component, ProcessContext
from patrol_records.params import RecordsParams
from patrol_records.recorder import Recorder

PARAMS = RecordsParams


def build(context: ProcessContext, params: RecordsParams) -> list[Component]:
    """The recorder, writing into the run folder."""
    return [Recorder(context.run_folder, context.site, params, context.epoch_s)]
