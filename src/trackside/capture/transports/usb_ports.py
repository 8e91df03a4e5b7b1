"""Which serial ports there are, and how one is found again after it was plugged in elsewhere."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class SerialPort:
    """A serial port of this computer.

    ``path`` is the name that the operating system gave it this time, such as ``/dev/ttyUSB0`` or
    ``COM3``. ``vendor``, ``product`` and ``serial_number`` are the USB device's, None where the
    port is not on USB or the device does not tell. ``location`` is the USB socket, followed by a
    colon and the interface where the device has several.
    """

    path: str
    description: str = ""
    vendor: int | None = None
    product: int | None = None
    serial_number: str | None = None
    location: str | None = None

    @property
    def interface(self) -> str:
        """Which of a USB device's several ports it is, empty if there is one."""
        return (self.location or "").partition(":")[2]


def list_serial_ports() -> tuple[SerialPort, ...]:
    """The serial ports that are there now, by path."""
    from serial.tools.list_ports import comports

    return tuple(
        SerialPort(
            port.device,
            port.description,
            port.vid,
            port.pid,
            port.serial_number or None,
            port.location or None,
        )
        for port in sorted(comports())
    )


def is_same_device(port: SerialPort, known: SerialPort) -> bool:
    """Whether a port belongs to the device whose port was ``known``, wherever it is plugged in.

    A device without a serial number is recognised in the same USB socket only, and a port that is
    not on USB by its path: two sensors of one model must never be taken for each other.
    """
    if (port.vendor, port.product) != (known.vendor, known.product):
        return False
    if known.serial_number:
        same_number = is_serial_number(port, known.serial_number)
        return same_number and port.interface == known.interface
    if known.location:
        return port.location == known.location
    return port.path == known.path


def is_serial_number(port: SerialPort, number: str) -> bool:
    """Whether that is the port's USB serial number; systems differ in its upper and lower case."""
    return (port.serial_number or "").lower() == number.lower()


def with_path(ports: Iterable[SerialPort], path: str) -> SerialPort:
    """What is known of the port at that path; no more than its path if it is not listed."""
    return next((port for port in ports if port.path == path), SerialPort(path))
