"""An audio captioner in the format of `transformers`, from a local folder: nothing is downloaded.

Any network that its library calls speech to text: an encoder for sound and a decoder that goes on
from what it said (Whisper's kind, or a speech encoder-decoder), with its own extractor and
tokenizer. Where its input has one length, what is longer is cut there. A captioner that learned
from the sounds of a test spoils it: nothing here can tell, so look at what yours was trained on.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import torch
from transformers import AutoFeatureExtractor, AutoModelForSpeechSeq2Seq, AutoTokenizer
from transformers.utils import logging

from earmark.lab.captioners import Asked, Lesson, distinct
from earmark.lab.experts import TEACHERS, must_exist
from earmark.lab.experts.local import open_local
from earmark.lab.features.towers import key_of
from earmark.types import Samples

LONGEST = 40  # word pieces


class Foreign:
    """Hears a sound at a time, and says it in several ways by beam search."""

    def __init__(self, lesson: Lesson, *, folder: str) -> None:
        place = must_exist(Path(folder.replace("{data}", str(lesson.places.data))), TEACHERS)
        self._lesson = lesson
        files = ("preprocessor_config.json", "tokenizer_config.json")
        model, front = open_local(
            place, AutoModelForSpeechSeq2Seq, AutoFeatureExtractor, files=files
        )
        self._model: Any = model.eval()
        self._front: Any = front
        logging.set_verbosity_error()  # `generate` has advice for those who call it
        self._tokenizer: Any = AutoTokenizer.from_pretrained(place, local_files_only=True)
        told = f"{key_of(place)} {lesson.count}".encode()
        self.key = blake2b(told, digest_size=12).hexdigest()

    def write(self, asked: Asked) -> Sequence[Sequence[str]]:
        """Let the network say what it hears."""
        rows = list[list[str]]()
        for wave in asked.sounds.waves:
            rows.append(self._said(wave(self._front.sampling_rate)))
            self._lesson.places.watch("writing captions", len(rows) / len(asked.names))
        return rows

    @torch.no_grad()
    def _said(self, wave: Samples) -> list[str]:
        count, rate = self._lesson.count, self._front.sampling_rate
        heard = self._front(wave, sampling_rate=rate, return_tensors="pt")
        ids = self._model.generate(
            heard[self._front.model_input_names[0]],
            num_beams=count,
            num_return_sequences=count,
            do_sample=False,
            max_new_tokens=LONGEST,
        )
        said = self._tokenizer.batch_decode(ids, skip_special_tokens=True)
        return distinct(said, count)
