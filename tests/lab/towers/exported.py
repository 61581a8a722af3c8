"""A network as ONNX, in memory, with every batch and every length allowed."""

import warnings

import onnxruntime as ort
import torch

ANY = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}


def exported(network, inputs):
    """Export a network: names and example tensors in, a function from tensors to arrays out."""
    with warnings.catch_warnings():
        # A name that torch itself still uses while it exports.
        warnings.filterwarnings("ignore", ".*LeafSpec.* is deprecated", FutureWarning)
        program = torch.onnx.export(
            network.eval(),
            tuple(inputs.values()),
            dynamo=True,
            verbose=False,
            input_names=list(inputs),
            dynamic_shapes=tuple(ANY for _ in inputs),
        )
    session = ort.InferenceSession(program.model_proto.SerializeToString())

    def run(*tensors):
        named = zip(inputs, tensors, strict=True)
        return session.run(None, {name: tensor.numpy() for name, tensor in named})

    return run
