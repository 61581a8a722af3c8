"""One search as rclip did it up to its second version: search_torch.py REPOSITORY DATABASE WORDS.

Each start imports torch, loads the text half of the model, reads all vectors from SQLite and sorts
all scores.
"""

import sys

import torch
from dot import show, vectors
from transformers import AutoTokenizer, ClapTextModelWithProjection

repository, database, words = sys.argv[1:]
model = ClapTextModelWithProjection.from_pretrained(repository).eval()
tokenizer = AutoTokenizer.from_pretrained(repository)
with torch.inference_mode():
    query = model(**tokenizer([words], return_tensors="pt")).text_embeds[0]
    query = query / query.norm()
show(query.numpy(), *vectors(database))
