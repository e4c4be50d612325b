"""The guide as a process of its own in the closed loop."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.component import Component, ProcessContext
from patrol_core.processes import Process
from patrol_core.site.local_time import site_local_time
from patrol_hri.guide import Guide
from patrol_hri.guiding.params import GuideParams
from patrol_hri.languages.catalogue import load_languages
from patrol_hri.wayfinding import WayFinder

GUIDE = Process("hri", 10.0, __name__)


@dataclass(frozen=True, slots=True)
class Params:
    guide: GuideParams = field(default_factory=GuideParams)


PARAMS = Params


def build(context: ProcessContext, params: Params) -> list[Component]:
    """The guide alone."""
    site = context.site
    local_time = site_local_time(site.timezone, context.epoch_s)
    finder, languages = WayFinder(site), load_languages()
    return [Guide(site, finder, languages, local_time, params.guide, context.run_folder.name)]
