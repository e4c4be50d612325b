"""The checkout that this program belongs to, be it the checkout itself or a release of it."""

from __future__ import annotations

from ronda_cli.environment.paths import ROOT
from ronda_cli.upgrade.releases import FOLDER

HOME = ROOT.parent.parent if ROOT.parent.name == FOLDER else ROOT
