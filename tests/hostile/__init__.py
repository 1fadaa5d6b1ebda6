"""Archives that mean harm, or were made with none, each named for what is wrong with it.

`CORPUS` has them by name, as functions that make the bytes. All are small, but what they claim or unfold to may not be.
Millions of entries are apart: they take long, and few of the rest do.
"""

from tests.hostile.bombs import BOMBS
from tests.hostile.claims import CLAIMS
from tests.hostile.configs import CONFIGS
from tests.hostile.damage import DAMAGE
from tests.hostile.descriptors import DESCRIPTORS
from tests.hostile.documents import DOCUMENTS
from tests.hostile.members import MEMBERS
from tests.hostile.millions import MILLIONS
from tests.hostile.ordinary import Make
from tests.hostile.paths import PATHS
from tests.hostile.texts import TEXTS, TEXTS_ARCHIVES, texts_image

__all__ = ["CORPUS", "MILLIONS", "STORED", "TEXTS", "Make", "texts_image"]

# What is odd in what a database keeps of them: names, numbers, texts.
STORED: dict[str, Make] = {**PATHS, **CLAIMS, **DOCUMENTS, **CONFIGS, **DESCRIPTORS, **TEXTS_ARCHIVES}

CORPUS: dict[str, Make] = {**DAMAGE, **MEMBERS, **BOMBS, **STORED}
