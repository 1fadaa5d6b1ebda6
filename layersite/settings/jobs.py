"""How work is held on to. Job rows in the database are the truth; see `queue` for the bell that wakes workers."""

import os

from . import env

# A worker renews its lease while it works; an expired one tells that the worker is gone.
JOB_LEASE_SECONDS = env.integer("JOB_LEASE_SECONDS", 30, least=5)
# A job that took its worker down this often is failed: an image that kills workers must not loop.
JOB_ATTEMPTS = env.integer("JOB_ATTEMPTS", 3, least=1)
# A task that runs longer is killed, and its job tried again.
JOB_TIME_LIMIT_SECONDS = env.integer("JOB_TIME_LIMIT_SECONDS", 3600, least=60)
# One that once took more memory is replaced after its task: what a huge layer took does not come back by itself.
WORKER_MEMORY_BYTES = env.integer("WORKER_MEMORY_BYTES", 384 << 20, least=1 << 20)
# Processes of a worker. 0: one a processor.
WORKER_PROCESSES = env.integer("WORKER_PROCESSES", 0) or os.cpu_count() or 1
