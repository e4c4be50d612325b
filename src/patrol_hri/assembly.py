"""Builds the components of the visitors' process."""

from __future__ import annotations

import logging
import secrets
from pathlib import Path

import numpy as np

from patrol_core.component import Component, ProcessContext
from patrol_core.site.local_time import site_local_time
from patrol_hri.attendant import Attendant
from patrol_hri.dialogue.building import make_mind
from patrol_hri.dialogue.memory import Memory, site_date
from patrol_hri.dialogue.reception import Reception
from patrol_hri.errors import StatementStoreError
from patrol_hri.front_desk import FrontDesk
from patrol_hri.greeting import Greeter
from patrol_hri.guide import Guide
from patrol_hri.languages.catalogue import load_languages
from patrol_hri.params import VisitorsParams
from patrol_hri.statements.store import StatementStore
from patrol_hri.staying import Staying
from patrol_hri.wayfinding import WayFinder

PARAMS = VisitorsParams
_SEED = 7019
_log = logging.getLogger(__name__)


def build(context: ProcessContext, params: VisitorsParams) -> list[Component]:
    """The guide, and the attendant who hears from it at the same tick."""
    site, epoch_s = context.site, context.epoch_s
    local_time = site_local_time(site.timezone, epoch_s)
    finder, languages = WayFinder(site), load_languages()

    def reception() -> Reception:
        """Seconds and memory, for the first visitor."""
        store = _statements(context, params)
        mind = make_mind(site, finder, store, epoch_s, params.mind)
        finder.prepare(local_time(0.0))
        date_of = site_date(site.timezone, epoch_s)
        memory = Memory(context.run_folder, params.dialogue.counts_days, date_of)
        return Reception(mind, params.dialogue, lambda: secrets.token_urlsafe(16), memory)

    quiet = () if site.visitors is None else site.visitors.quiet_hours
    attendant = Attendant(
        reception,
        FrontDesk(site, params.kiosk, params.serve_page, params.speak),
        Greeter(quiet, local_time, params.greeting),
        Staying(params.staying),
        languages,
        "en" if site.visitors is None else site.visitors.language,
        np.random.default_rng([context.seed, _SEED]),
    )
    prefix = f"{context.run_folder.name}-{context.seed}"
    return [Guide(site, finder, languages, local_time, params.guide, prefix), attendant]


def _statements(context: ProcessContext, params: VisitorsParams) -> StatementStore | None:
    """Statements outlive a run: they lie beside the runs' folders. None, and the reason told,
    where they cannot be opened: then none are taken, and all else goes on.
    """
    store = params.statements
    folder = Path(store.folder) if store.folder else context.run_folder.parent / "statements"
    key_file = Path(store.key_file).expanduser()
    days = context.site.retention.statements_days
    try:
        return StatementStore.open(folder, key_file, days, params=store)
    except StatementStoreError as error:
        _log.warning("no statements are taken: %s", error)
        return None
