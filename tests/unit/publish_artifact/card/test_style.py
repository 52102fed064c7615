"""Colours are read by everybody: contrast (WCAG 2.2, 1.4.11) and what colour-blind eyes tell apart."""

from itertools import combinations

import numpy as np
import pytest

from publish_artifact.card.style import DARK_SERIES, LIGHT_SERIES

# How linear RGB looks with a kind of colour blindness: Machado, Oliveira and Fernandes (2009), severity 1.
EYES = {
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}  # fmt: skip
PALETTES = [(LIGHT_SERIES, "#f6f7f9"), (DARK_SERIES, "#171b22")]


def linear(colour: str) -> np.ndarray:
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Björn Ottosson (2020): distances are about as large as differences look."""
    cones = np.array([
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ])  # fmt: skip
    opponents = np.array([
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ])  # fmt: skip
    return opponents @ np.cbrt(cones @ np.clip(rgb, 0, 1))


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize(("series", "background"), PALETTES)
def test_a_line_has_a_contrast_of_3_to_its_card(series, background):
    behind = luminance(background)
    for colour in series:
        low, high = sorted((luminance(colour), behind))
        assert (high + 0.05) / (low + 0.05) >= 3


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize(("series", "background"), PALETTES)
def test_classes_are_told_apart_by_all_eyes(series, background, eyes):
    seen = [oklab(np.array(EYES[eyes]) @ linear(colour)) for colour in series]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 0.12
