"""What each process of a test runs: train a line as one of a crew, and tell what it found."""

import json
import os
import signal
import sys
from pathlib import Path

import torch

from earmark.lab.crew import crew_of
from earmark.lab.objectives import OBJECTIVES
from earmark.lab.recipe import TrainRule
from lab.line import TASK, Line, go, trainer_of

folder, stop_at = Path(sys.argv[1]), int((sys.argv[2:] or ["10000"])[0])
torch.set_num_threads(1)
OBJECTIVES["line"] = TASK
crew = crew_of(TrainRule(accumulate=2))
objective = Line(batch=8)
if not crew.leads:
    crew.wait()  # the leader makes the folder of the run
trainer = trainer_of(folder, objective, crew=crew, accumulate=2)
if crew.leads:
    crew.wait()
halt = stop_at if crew.leads else None  # only one of them is asked to stop
told = go(trainer, at=halt, do=lambda: os.kill(os.getpid(), signal.SIGINT))
found = {
    "losses": [one.losses["square"] for one in told],
    "weights": trainer.objective.model[1].weight[0].tolist(),
    "drawn": objective.drawn,
    "best": trainer.best,
}
sys.stdout.write(json.dumps(found) + "\n")
