"""Django's settings, one concern a file. Each file asks `env` for what the environment may change.

`docs/settings.md` lists every variable, and `tests/docs/test_settings.py` holds it to the code.
"""

from .api import *
from .apps import *
from .audit import *
from .database import *
from .engine import *
from .jobs import *
from .limits import *
from .logs import *
from .mail import *
from .oidc import *
from .queue import *
from .registries import *
from .security import *
from .storage import *
from .web import *
