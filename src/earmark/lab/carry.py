"""From the memory of the processor to where a network runs."""

from __future__ import annotations

import torch
from torch import Tensor


def carried(rows: Tensor, device: torch.device) -> Tensor:
    """Bring rows to a device; to a card through pinned memory, while the processor goes on."""
    if device.type != "cuda":
        return rows.to(device)
    return rows.pin_memory().to(device, non_blocking=True)
