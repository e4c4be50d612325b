"""A site as one robot of several sees it: with the docks that are its own."""

from __future__ import annotations

from dataclasses import replace

from patrol_core.errors import ConfigError
from patrol_core.site.model import Site


def with_own_docks(site: Site, names: str) -> Site:
    """The site with the docks of that list, ids separated by commas, in its order; with all for
    an empty one. The robot starts on the first. Raises ConfigError for one that there is not.
    """
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    known = {dock.dock_id: dock for dock in site.docks}
    for name in wanted:
        if name not in known:
            raise ConfigError(
                f"own_docks names '{name}', and the site '{site.name}' has no such dock",
                expected=f"ids among {', '.join(known)}",
            )
    return replace(site, docks=tuple(known[name] for name in wanted)) if wanted else site
