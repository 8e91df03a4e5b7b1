"""The devices that Trackside understands: one file each, bytes in, samples out, no I/O."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Final

from trackside.capture.devices.bno08x_rvc import BNO08X_RVC
from trackside.capture.devices.contract import DeviceDescription, Transport
from trackside.capture.devices.heart_rate import HEART_RATE_MONITOR
from trackside.capture.devices.lsl_stream import LSL_STREAM
from trackside.capture.devices.movella_dot import MOVELLA_DOT, dot_device
from trackside.capture.devices.polar import POLAR_H10, POLAR_VERITY_SENSE
from trackside.capture.devices.running_speed import FOOT_POD
from trackside.capture.devices.slimevr import SLIMEVR
from trackside.capture.devices.witmotion import WITMOTION
from trackside.capture.devices.witmotion_ble import WITMOTION_BLE
from trackside.capture.devices.xbus import XSENS_MTI
from trackside.capture.devices.ximu3 import XIMU3_SERIAL, XIMU3_UDP
from trackside.errors import ParameterError

DEVICES: tuple[DeviceDescription, ...] = (
    MOVELLA_DOT,
    POLAR_H10,
    POLAR_VERITY_SENSE,
    WITMOTION_BLE,
    HEART_RATE_MONITOR,
    FOOT_POD,
    XSENS_MTI,
    XIMU3_SERIAL,
    XIMU3_UDP,
    WITMOTION,
    BNO08X_RVC,
    SLIMEVR,
    LSL_STREAM,
)
"""A device is recognised as the first that fits: makers' own come before the standard services."""

_AT_RATE: Final[Mapping[str, Callable[[int], DeviceDescription]]] = {
    MOVELLA_DOT.model: lambda rate: dot_device(rate=rate),
}
"""The models whose rate can be chosen."""


def describe(
    model: str, transport: Transport | None = None, rate: int | None = None
) -> DeviceDescription:
    """The device of that model, reached that way, sampling at ``rate`` Hz (None: as usual).

    ``transport`` may be left out where the model has only one. Raises :class:`ParameterError`
    saying what there is instead.
    """
    found = [device for device in DEVICES if device.model == model]
    if not found:
        raise ParameterError(f"model '{model}': {_known(model)}")
    ways = ", ".join(f'"{device.transport}"' for device in found)
    fitting = [device for device in found if transport in (None, device.transport)]
    if not fitting:
        raise ParameterError(f"transport '{transport}': {model} has {ways}")
    if len(fitting) > 1:
        raise ParameterError(f"transport is missing: {model} has {ways}")
    return fitting[0] if rate is None else _at_rate(model, rate)


def _at_rate(model: str, rate: int) -> DeviceDescription:
    if model not in _AT_RATE:
        raise ParameterError(f"rate {rate}: that of {model} cannot be chosen; leave it out")
    try:
        return _AT_RATE[model](rate)
    except ValueError as error:
        raise ParameterError(f"rate {rate}: {error}") from error


def _known(model: str) -> str:
    models = list(dict.fromkeys(device.model for device in DEVICES))
    close = get_close_matches(model, models, n=1, cutoff=0.4)
    if close:
        return f"did you mean '{close[0]}'?"
    return f"expected one of {', '.join(models)}"
