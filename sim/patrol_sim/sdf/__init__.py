"""World files: a documented subset of SDF 1.7.

What may stand in a file (anything else is refused with its element and line)::

    sdf[version=1.7] / world[name]
      gravity  physics[name type default]{max_step_size real_time_factor real_time_update_rate}
      scene{ambient background shadows grid sky}
      spherical_coordinates{surface_model=EARTH_WGS84 world_frame_orientation=ENU
                            latitude_deg longitude_deg elevation heading_deg}
      light[name type=directional|point]{pose diffuse specular direction cast_shadows
                            attenuation{range constant linear quadratic}}
      model[name]{static pose link}
        link[name]{pose inertial{pose mass inertia{ixx ixy ixz iyy iyz izz}} collision visual}
          collision[name]{pose geometry surface{friction{ode{mu mu2}}}}
          visual[name]{pose geometry material{ambient diffuse specular emissive}
                       cast_shadows transparency}
            geometry{box{size} | cylinder{radius length} | sphere{radius} | plane{normal size}}

Poses are ``x y z roll pitch yaw`` in the parent element's frame (`relative_to` is outside the
subset). A model that is not static has one link with an inertial element: there are no joints.
Source: http://sdformat.org/spec?ver=1.7
"""

from patrol_sim.sdf.cross_section import Section, cross_sections
from patrol_sim.sdf.parser import load_world, parse_world
from patrol_sim.sdf.types import (
    Box,
    Collision,
    Cylinder,
    Inertial,
    Light,
    Link,
    Material,
    Model,
    Physics,
    Plane,
    Scene,
    Shape,
    Sphere,
    SphericalCoordinates,
    Visual,
    World,
)

__all__ = [
    "Box",
    "Collision",
    "Cylinder",
    "Inertial",
    "Light",
    "Link",
    "Material",
    "Model",
    "Physics",
    "Plane",
    "Scene",
    "Section",
    "Shape",
    "Sphere",
    "SphericalCoordinates",
    "Visual",
    "World",
    "cross_sections",
    "load_world",
    "parse_world",
]
