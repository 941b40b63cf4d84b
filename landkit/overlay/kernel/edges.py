"""The edges of polygons laid out for the tree of edge_tree.py: one after another around each ring, and boxes of eight."""

from __future__ import annotations

from landkit.overlay.edge_tree import FAN
from landkit.overlay.kernel.compiled import borrowing


@borrowing
def has_length(xy, v):
    """Whether the edge from a vertex to the next one has a length: a vertex may be written twice."""
    return xy[v, 0] != xy[v + 1, 0] or xy[v, 1] != xy[v + 1, 1]


@borrowing
def count_edges(polygons, rows, out):
    """Fill in how many edges with a length each of the polygons `rows` has."""
    starts = polygons.ring_start
    for k in range(len(rows)):
        out[k] = 0
        for ring in range(polygons.first_ring[rows[k]], polygons.first_ring[rows[k] + 1]):
            for v in range(starts[ring], starts[ring + 1] - 1):
                out[k] += has_length(polygons.xy, v)


@borrowing
def fill_ring(xy, first, last, origin, seg, after, before, at):
    """Write the edges of the closed ring `xy[first:last + 1]` from `at` on, each with its neighbours; gives the place after."""
    begin = at
    for v in range(first, last):
        if has_length(xy, v):
            seg[at, 0], seg[at, 1] = xy[v, 0] - origin[0], xy[v, 1] - origin[1]
            seg[at, 2], seg[at, 3] = xy[v + 1, 0] - origin[0], xy[v + 1, 1] - origin[1]
            after[at], before[at] = at + 1, at - 1
            at += 1
    if at > begin:
        after[at - 1], before[begin] = begin, at - 1
    return at


@borrowing
def fill_edges(polygons, rows, begin, end, first, origin, seg, after, before):
    """Write the edges of the polygons `rows[begin:end]`, those of polygon k from `first[k]` on, counted from `origin`."""
    starts = polygons.ring_start
    for k in range(begin, end):
        at = first[k]
        for ring in range(polygons.first_ring[rows[k]], polygons.first_ring[rows[k] + 1]):
            at = fill_ring(polygons.xy, starts[ring], starts[ring + 1] - 1, origin, seg, after, before, at)


@borrowing
def box_edges(seg, box):
    """Fill in the box around each FAN edges that follow each other."""
    for node in range(len(box)):
        first = node * FAN
        for axis in range(2):
            box[node, axis] = min(seg[first, axis], seg[first, axis + 2])
            box[node, axis + 2] = max(seg[first, axis], seg[first, axis + 2])
        for i in range(first + 1, min(first + FAN, len(seg))):
            for axis in range(2):
                box[node, axis] = min(box[node, axis], seg[i, axis], seg[i, axis + 2])
                box[node, axis + 2] = max(box[node, axis + 2], seg[i, axis], seg[i, axis + 2])
