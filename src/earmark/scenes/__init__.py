"""Captioned soundscapes with known truth, composed of sounds made by code, or of clips."""

from earmark.scenes.bank import Bank, split_bank
from earmark.scenes.compose import render
from earmark.scenes.constraints import moments
from earmark.scenes.draw import Plan, draw_scene
from earmark.scenes.folder import read_scenes, write_scenes
from earmark.scenes.from_clips import Clip, bank_from_clips
from earmark.scenes.from_kinds import bank_from_kinds
from earmark.scenes.matching import matches
from earmark.scenes.pool import draw_pool
from earmark.scenes.truth import Caption, Scene

__all__ = [
    "Bank",
    "Caption",
    "Clip",
    "Plan",
    "Scene",
    "bank_from_clips",
    "bank_from_kinds",
    "draw_pool",
    "draw_scene",
    "matches",
    "moments",
    "read_scenes",
    "render",
    "split_bank",
    "write_scenes",
]
