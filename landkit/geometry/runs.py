"""Edges in runs of sixteen: which edges of long outlines could meet, told without looking at every edge (连续边段).

Two facts clear nearly all of a red line with a million vertices:

    boxes       what lies in boxes that share no point does not meet;
    directions  edges that all go forward along one direction never come back: none of them meets another, but where one
                follows the next (单调链).

Bit k of an edge's `ways` says that it goes forward along direction k of 64: for certain, since a 64th of a turn is left free
to both sides.  A run goes forward where all of its edges do: bitwise and.  What neither fact clears is cut into quarter runs, and
these into edges.

Worked example: edges (3, 1), (2, -1) and (-1, 4).  The first two go forward along east, all three along north-east.  With
(-3, -1) after them there is no such direction, and that run is looked at in quarters.

A direction is told by dy / (|dx| + |dy|) on one side of north and 2 less that on the other: it grows with the angle, and by 1
with each quarter turn.  Rounding moves it by 1e-15, and what is left free is 0.06.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from landkit.arrays import Flags, Floats, Ints, ranges

Ways = npt.NDArray[np.uint64]

RUN: Final = 16  # edges
QUARTER: Final = 4
DIRECTIONS: Final = 64
EVERY_WAY: Final = np.uint64(2**64 - 1)  # of an edge without length: it goes nowhere, so not back either
STEPS: Final = 2**22  # along the longer side of a shape, by which its runs are put in order
SHORTEST: Final = 1e-100  # such a side
MOST_TRIED: Final = 24  # pairs for each run; a shape with more of them is left alone


def _ways_of_sectors() -> Ways:
    """The directions along which an edge goes forward that lies between k and k + 1 64ths of a turn; last one without length."""
    forward = (np.arange(DIRECTIONS)[:, None] - np.arange(DIRECTIONS) + 15) % DIRECTIONS < 30
    bits = np.uint64(1) << np.arange(DIRECTIONS, dtype=np.uint64)
    return np.append((forward * bits).sum(axis=1, dtype=np.uint64), EVERY_WAY)


SECTORS: Final = _ways_of_sectors()


class Runs(NamedTuple):
    """Edges, or runs of edges: their boxes, and the directions along which all of them go forward."""

    west: Floats
    south: Floats
    east: Floats
    north: Floats
    ways: Ways

    def by_four(self) -> Runs:
        """Four after four as one."""
        west, south = (np.minimum(*_halves(np.minimum(*_halves(low)))) for low in self[:2])
        east, north = (np.maximum(*_halves(np.maximum(*_halves(high)))) for high in self[2:4])
        return Runs(west, south, east, north, np.bitwise_and(*_halves(np.bitwise_and(*_halves(self.ways)))))

    def together(self, first: Ints) -> Runs:
        """Those from each of the first ones to the next as one."""
        west, south = (np.minimum.reduceat(low, first) for low in self[:2])
        east, north = (np.maximum.reduceat(high, first) for high in self[2:4])
        return Runs(west, south, east, north, np.bitwise_and.reduceat(self.ways, first))

    def meet(self, one: Ints, other: Ints) -> Flags:
        """Whether the boxes of pairs share a point."""
        across = (self.west[one] <= self.east[other]) & (self.west[other] <= self.east[one])
        return np.asarray(
            across & (self.south[one] <= self.north[other]) & (self.south[other] <= self.north[one])
        )

    def within(self, inner: Ints, outer: Ints) -> Flags:
        """Whether one box lies in the other."""
        across = (self.west[outer] <= self.west[inner]) & (self.east[inner] <= self.east[outer])
        return np.asarray(
            across & (self.south[outer] <= self.south[inner]) & (self.north[inner] <= self.north[outer])
        )

    def only(self, which: Ints) -> Runs:
        """Some of them."""
        west, south, east, north = (side[which] for side in self[:4])
        return Runs(west, south, east, north, self.ways[which])

    def go_on(self, one: Ints, other: Ints) -> Flags:
        """Whether all edges of pairs go forward along one direction."""
        return np.asarray(self.ways[one] & self.ways[other] != 0)


def _halves(column: npt.NDArray[np.generic]) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.generic]]:
    return column[0::2], column[1::2]


def edges_between(begin: Floats, end: Floats) -> Runs:
    """Edges from their ends, (2, n) each."""
    (dx, dy), (west, south), (east, north) = end - begin, np.minimum(begin, end), np.maximum(begin, end)
    return Runs(west, south, east, north, SECTORS.take(_sectors(dx, dy), mode="clip"))


def _sectors(dx: Floats, dy: Floats) -> npt.NDArray[np.int8]:
    """In which 64th of a turn each edge goes; 64 where it has no length."""
    length = np.abs(dx)
    length += np.abs(dy)
    with np.errstate(invalid="ignore", divide="ignore"):
        turn = np.divide(dy, length, out=dy)
        np.subtract(2, turn, out=turn, where=dx < 0)  # from -1 to 3
        turn += 1
        turn *= DIRECTIONS / 4
        sector = turn.astype(np.int8)
    sector &= DIRECTIONS - 1
    sector[length == 0] = DIRECTIONS
    return sector


def near_pairs(runs: Runs, owner: Ints) -> tuple[Ints, Ints, Ints]:
    """Pairs of the same owner, one before the other, whose boxes share a point; and the owners with too many to be tried.

    Owners stand in order.  Along the longer side of an owner's box those are tried that begin before the other ends.
    """
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    count = np.diff(first, append=len(owner))
    begin, end = _places(runs, runs.together(first), count)
    order = np.argsort(begin)
    rows, of = np.arange(len(order)), np.repeat(np.arange(len(first)), count)[order]
    tried = np.searchsorted(begin[order], end[order], side="right") - rows - 1
    many = np.bincount(of, tried, len(first)) > MOST_TRIED * count
    tried[many[of]] = 0
    one = np.repeat(rows, tried)
    other = ranges(rows + 1, rows + 1 + tried)
    one, other = order[one], order[other]
    close = runs.meet(one, other)
    one, other = one[close], other[close]
    return np.minimum(one, other), np.maximum(one, other), owner[first[many]]


def _places(runs: Runs, box: Runs, count: Ints) -> tuple[Ints, Ints]:
    """Where each run begins and ends, in whole steps along the longer side of its owner's box, one owner after another."""
    wide, high = box.east - box.west, box.north - box.south
    across = wide >= high
    corner = np.where(across, box.west, box.south)
    step = (STEPS - 1) / np.maximum(np.maximum(wide, high), SHORTEST)
    of = np.repeat(np.arange(len(count)), count)

    def place(x: Floats, y: Floats) -> Ints:
        return ((np.where(across[of], x, y) - corner[of]) * step[of]).astype(np.int64) + of * STEPS

    return place(runs.west, runs.south), place(runs.east, runs.north)


def quartered(one: Ints, other: Ints, parts: Runs, number: Ints, ring: Ints) -> tuple[Ints, Ints]:
    """Of pairs cut into four parts each, the pairs of parts that neither boxes nor directions clear, one before the other.

    `parts` stand four by four in the order of what they are parts of; `number` counts them along their `ring`.
    """
    four, shape = np.arange(QUARTER), (len(one), QUARTER, QUARTER)
    i = np.broadcast_to((QUARTER * one[:, None] + four)[:, :, None], shape).ravel()
    j = np.broadcast_to((QUARTER * other[:, None] + four)[:, None, :], shape).ravel()
    close = (number[i] <= number[j]) & parts.meet(i, j)
    i, j = i[close], j[close]
    follows = (number[j] - number[i] <= 1) & (ring[i] == ring[j])
    left = ~(follows & parts.go_on(i, j))
    return i[left], j[left]
