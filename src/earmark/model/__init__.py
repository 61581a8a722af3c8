"""Bundles and their run time: what a trained model is on disk, and how it hears and reads.

It needs numpy, onnxruntime and tokenizers, never torch. `model.py` is the facade (`earmark.Model`).
"""
