"""Index a folder with CLAP and FAISS: index_folder.py REPOSITORY SOUNDS INDEX librosa|soundfile.

Windows of 10 s, one after another, so that each second goes through the network once; vectors in an
exact index, and beside it which window each is of.
"""

import json
import sys
from pathlib import Path

import faiss
import torch
from load import RATE, loaders
from transformers import ClapModel, ClapProcessor

WINDOW, BATCH = 10 * RATE, 8
repository, sounds, out, package = sys.argv[1:]
load = loaders[package]
model = ClapModel.from_pretrained(repository).eval()
processor = ClapProcessor.from_pretrained(repository)
index = faiss.IndexFlatIP(model.config.projection_dim)
said = []
for path in sorted(Path(sounds).rglob("*.*")):
    wave = load(path)
    windows = [wave[at : at + WINDOW] for at in range(0, len(wave), WINDOW)]
    for at in range(0, len(windows), BATCH):
        batch = processor(audio=windows[at : at + BATCH], sampling_rate=RATE, return_tensors="pt")
        with torch.inference_mode():
            found = model.get_audio_features(**batch)
        index.add(getattr(found, "pooler_output", found).numpy())
    said += [[path.name, 10.0 * number] for number in range(len(windows))]
faiss.write_index(index, out)
Path(out).with_suffix(".json").write_text(json.dumps(said), encoding="utf-8")
