"""Keeps the Lab Streaming Layer on this computer, apart from other tests, and lets it answer fast.

Its library reads a file when it is loaded, here or in a program that a test starts.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

CONFIGURATION = f"""
[ports]
IPv6 = disable
[multicast]
ResolveScope = machine
ListenAddress = 127.0.0.1
AddressesOverride = {{127.0.0.1}}
[lab]
KnownPeers = {{127.0.0.1}}
SessionID = trackside-tests-{os.getpid()}
[tuning]
MulticastMinRTT = 0.05
MulticastMaxRTT = 0.2
UnicastMinRTT = 0.05
UnicastMaxRTT = 0.2
TimeProbeInterval = 0.01
TimeProbeMaxRTT = 0.02
TimeUpdateInterval = 0.2
[log]
level = -3
"""

_folder = TemporaryDirectory(prefix="lsl-")


def configure() -> None:
    """Write the file, which is removed at the end, and name it in the environment."""
    path = Path(_folder.name) / "lsl_api.cfg"
    path.write_text(CONFIGURATION, encoding="ascii")
    os.environ["LSLAPICFG"] = str(path)
