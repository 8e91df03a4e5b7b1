"""What may happen in a job's process; each does it and tells so in the test's folder."""

import os
import signal
import threading
from pathlib import Path

from stored_plans import made_plan

from trackside.errors import ParameterError
from trackside.planner.plan_file import plan_json
from trackside.planner.service.generation import Order, Tell


def as_named(order: Order, tell: Tell) -> bytes:
    """Do what the runner is named after."""
    name = order.profile["runner_id"]
    tell(0.25, f"about to {name}")
    if name.startswith("ada"):
        return plan_json(made_plan(name, first=order.today, race=order.marathon_date))
    return FAULTS[name.split("-")[0]]()


def killed() -> bytes:
    """Be killed, as by a kernel that lacks memory."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def crash() -> bytes:
    """Crash, as broken native code does."""
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGSEGV)
    raise AssertionError


def leave() -> bytes:
    """End the process as if all were well."""
    os._exit(0)


def hang() -> bytes:
    """Never come back."""
    threading.Event().wait()
    raise AssertionError


def refuse() -> bytes:
    """Find that there is no such plan."""
    raise ParameterError("no day to train: expected at least one")


def stumble() -> bytes:
    """Have a fault whose details are nobody's business."""
    raise ZeroDivisionError("secret details")


def babble() -> bytes:
    """Return what is no plan."""
    return b"{}"


def once_only(order: Order, tell: Tell) -> bytes:
    """Hang the first time and leave the process's id; make the plan the second time."""
    mark = Path(order.profile["goal"]["name"])
    if mark.exists():
        return plan_json(made_plan("ada", first=order.today, race=order.marathon_date))
    tell(0.5, "hanging")
    mark.write_text(str(os.getpid()), encoding="utf-8")
    return hang()


FAULTS = {
    "killed": killed,
    "crash": crash,
    "leave": leave,
    "hang": hang,
    "refuse": refuse,
    "stumble": stumble,
    "babble": babble,
}
