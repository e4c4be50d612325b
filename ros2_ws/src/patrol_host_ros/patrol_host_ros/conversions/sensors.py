"""Sensors. Arrays are moved as buffers, never element by element."""

from __future__ import annotations

import array
import math
from typing import Any

import numpy as np
from patrol_interfaces.msg import BumperState as BumperMessage
from sensor_msgs import msg

from patrol_core.types.sensors import (
    BatteryState,
    BumperState,
    CameraInfo,
    CompressedImage,
    DepthImage,
    GnssFix,
    Imu,
    LaserScan,
    ThermalImage,
)
from patrol_host_ros.conversions.common import ConversionError, header_to_ros, stamp_from_ros

_NO_FIX, _FIX = -1, 0


def scan_from_ros(message: Any) -> LaserScan:
    return LaserScan(
        stamp_from_ros(message.header.stamp),
        message.header.frame_id,
        message.angle_min,
        message.angle_increment,
        message.range_min,
        message.range_max,
        np.frombuffer(message.ranges, np.float32),
    )


def scan_to_ros(scan: LaserScan) -> msg.LaserScan:
    return msg.LaserScan(
        header=header_to_ros(scan.stamp_s, scan.frame_id),
        angle_min=scan.angle_min_rad,
        angle_max=scan.angle_min_rad + scan.angle_increment_rad * (len(scan.ranges_m) - 1),
        angle_increment=scan.angle_increment_rad,
        range_min=scan.range_min_m,
        range_max=scan.range_max_m,
        ranges=array.array("f", scan.ranges_m.astype(np.float32, copy=False).tobytes()),
    )


def imu_from_ros(message: Any) -> Imu:
    rate, force = message.angular_velocity, message.linear_acceleration
    stamp_s = stamp_from_ros(message.header.stamp)
    return Imu(stamp_s, (rate.x, rate.y, rate.z), (force.x, force.y, force.z))


def imu_to_ros(imu: Imu) -> msg.Imu:
    message = msg.Imu(header=header_to_ros(imu.stamp_s, "imu_link"))
    message.orientation_covariance[0] = -1.0  # "no orientation", as sensor_msgs asks for
    rate, force = message.angular_velocity, message.linear_acceleration
    rate.x, rate.y, rate.z = imu.angular_velocity_radps
    force.x, force.y, force.z = imu.linear_acceleration_mps2
    return message


def battery_from_ros(message: Any) -> BatteryState:
    return BatteryState(
        stamp_from_ros(message.header.stamp),
        message.voltage,
        message.current,
        message.percentage,
        message.power_supply_status == msg.BatteryState.POWER_SUPPLY_STATUS_CHARGING,
    )


def battery_to_ros(battery: BatteryState) -> msg.BatteryState:
    status = msg.BatteryState.POWER_SUPPLY_STATUS_DISCHARGING
    if battery.charging:
        status = msg.BatteryState.POWER_SUPPLY_STATUS_CHARGING
    return msg.BatteryState(
        header=header_to_ros(battery.stamp_s, "base_link"),
        voltage=battery.voltage_v,
        current=battery.current_a,
        percentage=battery.charge_fraction,
        power_supply_status=status,
        present=True,
    )


def fix_from_ros(message: Any) -> GnssFix:
    east, north, up = message.position_covariance[[0, 4, 8]].tolist()
    return GnssFix(
        stamp_from_ros(message.header.stamp),
        math.radians(message.latitude),
        math.radians(message.longitude),
        message.altitude,
        (east, north, up),
        message.status.status >= _FIX,
    )


def fix_to_ros(fix: GnssFix) -> msg.NavSatFix:
    message = msg.NavSatFix(
        header=header_to_ros(fix.stamp_s, "base_link"),
        latitude=math.degrees(fix.latitude_rad),
        longitude=math.degrees(fix.longitude_rad),
        altitude=fix.altitude_m,
        position_covariance_type=msg.NavSatFix.COVARIANCE_TYPE_DIAGONAL_KNOWN,
    )
    message.position_covariance[[0, 4, 8]] = fix.variances_m2
    message.status.status = _FIX if fix.valid else _NO_FIX
    return message


def image_from_ros(message: Any) -> CompressedImage:
    return CompressedImage(
        stamp_from_ros(message.header.stamp),
        message.header.frame_id,
        message.format,
        message.data.tobytes(),
    )


def image_to_ros(image: CompressedImage) -> msg.CompressedImage:
    return msg.CompressedImage(
        header=header_to_ros(image.stamp_s, image.frame_id),
        format=image.encoding,
        data=array.array("B", image.data),
    )


def depth_from_ros(message: Any) -> DepthImage:
    if message.encoding != "32FC1" or message.is_bigendian:
        raise ConversionError(
            f"a depth image with encoding '{message.encoding}'", expected="32FC1, little endian"
        )
    depth_m = np.frombuffer(message.data, np.float32).reshape(message.height, message.width)
    return DepthImage(stamp_from_ros(message.header.stamp), message.header.frame_id, depth_m)


def depth_to_ros(image: DepthImage) -> msg.Image:
    height, width = image.depth_m.shape
    return msg.Image(
        header=header_to_ros(image.stamp_s, image.frame_id),
        height=height,
        width=width,
        encoding="32FC1",
        step=4 * width,
        data=array.array("B", image.depth_m.astype(np.float32, copy=False).tobytes()),
    )


def thermal_from_ros(message: Any) -> ThermalImage:
    if message.encoding != "mono16" or message.is_bigendian:
        raise ConversionError(
            f"a thermal image with encoding '{message.encoding}'", expected="mono16, little endian"
        )
    counts = np.frombuffer(message.data, np.uint16).reshape(message.height, message.width)
    return ThermalImage(stamp_from_ros(message.header.stamp), message.header.frame_id, counts)


def thermal_to_ros(image: ThermalImage) -> msg.Image:
    height, width = image.counts.shape
    return msg.Image(
        header=header_to_ros(image.stamp_s, image.frame_id),
        height=height,
        width=width,
        encoding="mono16",
        step=2 * width,
        data=array.array("B", image.counts.tobytes()),
    )


def camera_info_from_ros(message: Any) -> CameraInfo:
    fx, _, cx, _, fy, cy, *_ = message.k.tolist()
    stamp_s = stamp_from_ros(message.header.stamp)
    frame_id = message.header.frame_id
    return CameraInfo(stamp_s, frame_id, message.width, message.height, fx, fy, cx, cy)


def camera_info_to_ros(info: CameraInfo) -> msg.CameraInfo:
    fx, fy, cx, cy = info.fx_px, info.fy_px, info.cx_px, info.cy_px
    return msg.CameraInfo(
        header=header_to_ros(info.stamp_s, info.frame_id),
        width=info.width_px,
        height=info.height_px,
        distortion_model="plumb_bob",
        d=array.array("d", bytes(5 * 8)),
        k=np.array([fx, 0, cx, 0, fy, cy, 0, 0, 1], np.float64),
        r=np.eye(3).ravel(),
        p=np.array([fx, 0, cx, 0, 0, fy, cy, 0, 0, 0, 1, 0], np.float64),
    )


def bumper_from_ros(message: Any) -> BumperState:
    return BumperState(stamp_from_ros(message.header.stamp), message.pressed, message.side)


def bumper_to_ros(bumper: BumperState) -> BumperMessage:
    header = header_to_ros(bumper.stamp_s, "base_link")
    return BumperMessage(header=header, pressed=bumper.pressed, side=bumper.side)


CONVERSIONS = {
    (LaserScan, "sensor_msgs/msg/LaserScan"): (scan_from_ros, scan_to_ros),
    (Imu, "sensor_msgs/msg/Imu"): (imu_from_ros, imu_to_ros),
    (BatteryState, "sensor_msgs/msg/BatteryState"): (battery_from_ros, battery_to_ros),
    (GnssFix, "sensor_msgs/msg/NavSatFix"): (fix_from_ros, fix_to_ros),
    (CompressedImage, "sensor_msgs/msg/CompressedImage"): (image_from_ros, image_to_ros),
    (DepthImage, "sensor_msgs/msg/Image"): (depth_from_ros, depth_to_ros),
    (ThermalImage, "sensor_msgs/msg/Image"): (thermal_from_ros, thermal_to_ros),
    (CameraInfo, "sensor_msgs/msg/CameraInfo"): (camera_info_from_ros, camera_info_to_ros),
    (BumperState, "patrol_interfaces/msg/BumperState"): (bumper_from_ros, bumper_to_ros),
}
