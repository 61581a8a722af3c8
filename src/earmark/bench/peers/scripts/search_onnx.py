"""One search as rclip does it since its third version: search_onnx.py BUNDLE DATABASE WORDS.

The same without torch: the text half runs in onnxruntime, the vectors come from SQLite as before.
"""

import sys
from pathlib import Path

import numpy as np
import onnxruntime
from dot import show, vectors
from tokenizers import Tokenizer

bundle, database, words = sys.argv[1:]
session = onnxruntime.InferenceSession(
    Path(bundle) / "text.onnx", providers=["CPUExecutionProvider"]
)
tokenizer = Tokenizer.from_file(str(Path(bundle) / "tokenizer.json"))
ids = np.array([tokenizer.encode(words).ids])
query = session.run(["gist"], {"ids": ids, "mask": np.ones(ids.shape, bool)})[0][0]
show(query, *vectors(database))
