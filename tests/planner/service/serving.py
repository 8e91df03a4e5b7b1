"""A service in a process of its own, whose plans :func:`faulty_work.once_only` makes.

python serving.py URL: prints its address.
"""

import sys
from datetime import timedelta

from faulty_work import once_only

from trackside.planner.service.job_runner import JobSettings
from trackside.planner.service.server import ServerSettings, make_server
from trackside.planner.store.database import Database

if __name__ == "__main__":
    jobs = JobSettings(1, timedelta(seconds=60), timedelta(seconds=1))
    with Database(sys.argv[1]) as database:
        server = make_server(database, ServerSettings(port=0, jobs=jobs), work=once_only)
        server.tell = lambda address: print(address, flush=True)
        server.run()
