"""A driver that is killed: it indexes a folder on a cluster, slowly, until somebody ends it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the folder of all tests

from earmark.library.library import Library
from earmark.scale.cluster import cluster
from scale.models import Slow

if __name__ == "__main__":
    home, sounds = sys.argv[1:]
    with cluster("auto") as crew, Library.open(home, model=Slow()) as library:
        library.index([sounds], crew=crew)
