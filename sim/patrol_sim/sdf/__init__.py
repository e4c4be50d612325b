"""World files: SDF 1.4 to 1.12, as far as the embedded simulator has what they say.

What is simulated::

    sdf / world[name]
      gravity  physics{max_step_size real_time_factor}  scene{ambient background}
      spherical_coordinates{surface_model=EARTH_WGS84 world_frame_orientation=ENU
                            latitude_deg longitude_deg elevation heading_deg}
      light[name type=directional|point|spot]{pose diffuse specular direction attenuation{range}}
      frame[name attached_to]{pose}
      include{uri name pose static placement_frame}
      model[name placement_frame]{static pose link model frame include}
        link[name]{pose inertial{pose mass inertia{ixx ixy ixz iyy iyz izz}} collision visual}
          collision[name]{pose geometry surface{friction{ode{mu mu2}}}}
          visual[name]{pose geometry material{ambient diffuse specular emissive} transparency}
            geometry{box{size} | cylinder{radius length} | sphere{radius} | plane{normal size}
                     | mesh{uri scale submesh{name center}} | empty}

`World.notes` says, with file and line, what a file holds beside this that is left out (plugins,
joints, sensors, actors, wind, ...). What would make another world of it when left out (shapes
that are not simulated, unknown elements, changes to included models) is refused, with its line.
Poses and frames are in `frames`, what URIs name in `resources`. A model with several links or
with joints stands still. The lidar sees what is solid (collision), cameras what is drawn
(visual). Our own worlds keep to SDF 1.7. Source: http://sdformat.org/spec?ver=1.12
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
    Mesh,
    Model,
    Physics,
    Plane,
    Primitive,
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
    "Mesh",
    "Model",
    "Physics",
    "Plane",
    "Primitive",
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
