"""Meshes of a world as MuJoCo geoms: one for rays, and convex ones to touch where it is not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from patrol_core.errors import Place
from patrol_sim.engine import mujoco
from patrol_sim.errors import SdfError
from patrol_sim.sdf.meshes import hulls_of, solids_of, triangles_of
from patrol_sim.sdf.types import Mesh

MOST_SOLIDS = 20000


class MeshGeoms:
    """Adds meshes to a model under construction; each file's data are in it once."""

    def __init__(self, spec: mujoco.MjSpec) -> None:
        self._spec = spec
        self._named: dict[tuple[Mesh, str], str] = {}
        self._solids = 0

    def shown(self, mesh: Mesh) -> str:
        """The name of the asset with a mesh's own triangles. Raises SdfError."""
        triangles = triangles_of(mesh)
        return self._asset(mesh, "", triangles.corners_m, triangles.faces)

    def touched(self, mesh: Mesh, fixed: bool) -> list[str]:
        """The names of its convex solids; what is not fixed has one a connected part.

        Raises SdfError when the world's meshes have too many of them.
        """
        solids = solids_of(mesh) if fixed else hulls_of(mesh)
        self._solids += len(solids)
        if self._solids > MOST_SOLIDS:
            raise SdfError(
                f"the world's hollow meshes have more than {MOST_SOLIDS} flat pieces",
                place=Place(mesh.named_at.file, mesh.named_at.line),
                remedy="give this collision a mesh of fewer triangles, or boxes",
            )
        return [self._asset(mesh, str(number), solid) for number, solid in enumerate(solids)]

    def _asset(
        self,
        mesh: Mesh,
        part: str,
        corners_m: NDArray[np.float64],
        faces: NDArray[np.int64] | None = None,
    ) -> str:
        if (mesh, part) not in self._named:
            name = f"mesh{len(self._named)}"
            asset = self._spec.add_mesh(name=name)
            asset.uservert = corners_m.ravel()
            if faces is not None:
                asset.userface = faces.ravel().astype(np.int32)
            asset.inertia = mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL
            self._named[mesh, part] = name
        return self._named[mesh, part]
