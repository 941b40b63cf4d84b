"""One zone walked down the tree of the parcels, carrying only the part of its rings that can still matter.

At each node the zone's rings are thinned to the node's box (`thin`).  A node that no edge touches lies wholly
inside or wholly outside: all parcels below it are decided at once, with no look at a vertex of theirs.  At a
leaf the parcel's own box is the window, a few edges are left, and the shared area is summed over them.  So a
zone of 200,000 vertices costs each parcel about as much as one of 20.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from landkit.arrays import Flags, Floats, Ints
from landkit.overlay.edge_tree import FAN
from landkit.overlay.kernel.area import EDGE_ROWS, edges_over, shared_area
from landkit.overlay.kernel.arrays import copy_run, longer, longer_rows
from landkit.overlay.kernel.compiled import borrowing, compiled
from landkit.overlay.kernel.polygons import box_of
from landkit.overlay.kernel.thin import thin, winding

WHOLE: Final = 1  # the parcel lies in the zone
PART: Final = 2  # a part of it does
UNMEASURED: Final = 3  # too many edges on both sides for sums over all pairs of them
MOST_LEVELS: Final = 16
FEW_VERTICES: Final = 64
MOST_EDGE_PAIRS: Final = 500_000
# Below this a sum is rounding and no area: so much is lost in adding some hundred trapezoids of a box.
NOTHING_M2: Final = 1e-9
NOTHING_SHARE: Final = 1e-14


class Pairs(NamedTuple):
    """Parcels that share area with zones: positions of both, the area, and WHOLE, PART or UNMEASURED."""

    parcel: Ints
    zone: Ints
    area: Floats
    state: Ints


class Local(NamedTuple):
    """Rings of a zone thinned to the box of one parcel, for each pair that is not WHOLE (局部环).

    Ring r is `xy[ring_start[r]:ring_start[r + 1]]`, pair k has the rings `first_ring[k]` to
    `first_ring[k + 1]`.
    """

    xy: Floats
    ring_start: Ints
    is_shell: Flags
    first_ring: Ints


class Stack(NamedTuple):
    """Thinned rings of the nodes on the way down to the present one, one node's after another's, and boxes around them."""

    xy: Floats
    ring_start: Ints
    is_shell: Flags
    box: Floats


@compiled
def add_pair(pairs, count, parcel, zone, area, state):
    """Write one pair; gives the pairs, made longer where they were full."""
    if count == len(pairs.parcel):
        pairs = Pairs(
            longer(pairs.parcel, count + 1),
            longer(pairs.zone, count + 1),
            longer(pairs.area, count + 1),
            longer(pairs.state, count + 1),
        )
    pairs.parcel[count] = parcel
    pairs.zone[count] = zone
    pairs.area[count] = area
    pairs.state[count] = state
    return pairs


@compiled
def local_with_room(local, count, rings, vertices):
    """The local rings with room for one pair more, and so many rings and vertices in all."""
    full = vertices > len(local.xy) or rings + 1 > len(local.ring_start) or count + 2 > len(local.first_ring)
    if not full:
        return local
    return Local(
        longer_rows(local.xy, vertices),
        longer(local.ring_start, rings + 1),
        longer(local.is_shell, rings + 1),
        longer(local.first_ring, count + 2),
    )


@compiled
def add_local(local, count, stack, first, rings):
    """Keep the thinned rings of one pair; gives the local rings, made longer where they were full."""
    ring, from_vertex = local.first_ring[count], stack.ring_start[first]
    size, vertex = stack.ring_start[first + rings] - from_vertex, local.ring_start[ring]
    local = local_with_room(local, count, ring + rings, vertex + size)
    copy_run(
        stack.xy.reshape(-1), 2 * from_vertex, 2 * (from_vertex + size), local.xy.reshape(-1), 2 * vertex
    )
    for k in range(rings):
        local.ring_start[ring + k + 1] = vertex + stack.ring_start[first + k + 1] - from_vertex
        local.is_shell[ring + k] = stack.is_shell[first + k]
    local.first_ring[count + 1] = ring + rings
    return local


@borrowing
def has_room(stack, vertices, rings):
    """Whether the stack holds so many vertices and rings."""
    return vertices <= len(stack.xy) and rings + 1 <= len(stack.ring_start)


@compiled
def with_room(stack, vertices, rings):
    """The stack with room for so many vertices and rings."""
    return Stack(
        longer_rows(stack.xy, vertices),
        longer(stack.ring_start, rings + 1),
        longer(stack.is_shell, rings + 1),
        longer_rows(stack.box, rings + 1),
    )


@borrowing
def room_needed(zones, zone, stack, first, rings):
    """How many vertices the stack must hold to thin the parent's rings (or the zone's own, where `first` is -1)."""
    if first < 0:
        return vertices_of(zones, zone) + rings
    base = stack.ring_start[first + rings]
    return 2 * base - stack.ring_start[first] + rings


@borrowing
def thin_to_node(zones, zone, own_box, stack, first, rings, free, window):
    """Thin the parent's rings (or the zone's own, where `first` is -1) to a window, onto the stack at `free`."""
    if first < 0:
        ring = zones.first_ring[zone]
        stack.ring_start[free] = 0
        parent = zones.xy, zones.ring_start[ring:], zones.is_shell[ring:], own_box
    else:
        stack.ring_start[free] = stack.ring_start[first + rings]
        parent = stack.xy, stack.ring_start[first:], stack.is_shell[first:], stack.box[first:]
    return thin(parent, rings, window, stack, free)


@borrowing
def outside(a, b):
    """Whether two boxes share no area."""
    return a[0] >= b[2] or a[2] <= b[0] or a[1] >= b[3] or a[3] <= b[1]


@borrowing
def holds(a, b):
    """Whether box b lies in box a."""
    return a[0] <= b[0] and a[1] <= b[1] and a[2] >= b[2] and a[3] >= b[3]


@borrowing
def rings_of(zones, zone):
    """How many rings a zone has."""
    return zones.first_ring[zone + 1] - zones.first_ring[zone]


@borrowing
def vertices_of(zones, zone):
    """How many vertices a zone has."""
    return zones.ring_start[zones.first_ring[zone + 1]] - zones.ring_start[zones.first_ring[zone]]


@borrowing
def worth_thinning(window, zone_box, few):
    """Whether thinning to a node can gain anything: not where the whole zone lies in it, nor for a small zone
    that cannot enclose it.
    """
    if few:
        return holds(zone_box, window)
    return not holds(window, zone_box)


@compiled
def edges_with_room(edges, stack, free, rings):
    """Room for all edges of the thinned rings at `free`."""
    most = stack.ring_start[free + rings] - stack.ring_start[free]
    return edges if edges.shape[1] >= most else np.empty((EDGE_ROWS, 2 * most))


@borrowing
def measure(parcels, row, window, stack, free, rings, edges):
    """Shared area of a parcel and the thinned rings over it, and its state; 0 where there is none."""
    starts = stack.ring_start[free : free + rings + 1]
    count = edges_over(stack.xy, starts, rings, window, edges)
    ring_from, ring_to = parcels.first_ring[row], parcels.first_ring[row + 1]
    if count * (parcels.ring_start[ring_to] - parcels.ring_start[ring_from]) > MOST_EDGE_PAIRS:
        return np.nan, UNMEASURED
    area, own = shared_area(parcels, row, window, edges, count), parcels.area[row]
    if area <= NOTHING_M2 + NOTHING_SHARE * (window[2] - window[0]) * (window[3] - window[1]):
        return 0.0, 0
    if abs(area - own) <= NOTHING_M2 + 1e-12 * own:
        return own, WHOLE
    return area, PART


@borrowing
def push(nodes, depth, level, node, first, rings, free):
    """Put a node on the list of those still to visit: level and node; the rings of its parent (where they
    begin on the stack, -1 for the zone's own, and how many); the first free place on the stack.
    """
    nodes[depth, 0], nodes[depth, 1], nodes[depth, 2] = level, node, first
    nodes[depth, 3], nodes[depth, 4] = rings, free
    return depth + 1


@borrowing
def popped(nodes, depth):
    """What `push` wrote."""
    return nodes[depth, 0], nodes[depth, 1], nodes[depth, 2], nodes[depth, 3], nodes[depth, 4]


@compiled
def add_all_below(pairs, count, tree, level, node, zone, parcels):
    """Write every parcel below a node as lying wholly in a zone; gives the pairs and how many there are."""
    width = FAN**level
    for place in range(node * width, min((node + 1) * width, len(tree.order))):
        row = tree.order[place]
        pairs = add_pair(pairs, count, row, zone, parcels.area[row], WHOLE)
        count += 1
    return pairs, count


@borrowing
def push_children(nodes, depth, tree, level, node, first, rings, free, zone_box):
    """Put the children of a node on the stack that share area with the zone's box."""
    box, start = tree.box, tree.level_start[level - 1]
    low_x, low_y, high_x, high_y = zone_box[0], zone_box[1], zone_box[2], zone_box[3]
    for child in range(node * FAN, min((node + 1) * FAN, tree.level_start[level] - start)):
        k = start + child
        if box[k, 0] < high_x and box[k, 2] > low_x and box[k, 1] < high_y and box[k, 3] > low_y:
            depth = push(nodes, depth, level - 1, child, first, rings, free)
    return depth


@borrowing
def push_top(nodes, tree, top_from, top_to, zone_box, rings):
    """Put the top nodes on the stack that share area with the zone's box; how many."""
    depth, top = 0, len(tree.level_start) - 2
    for node in range(top_from, top_to):
        if not outside(tree.box[tree.level_start[top] + node], zone_box):
            depth = push(nodes, depth, top, node, -1, rings, 0)
    return depth


@borrowing
def copy_zone_box(zones, zone, out):
    """The box of a zone, copied."""
    for axis in range(4):
        out[axis] = zones.box[zone, axis]


@borrowing
def box_rings(zones, zone, out):
    """Fill in the boxes around the rings of a zone."""
    first, rings = zones.first_ring[zone], rings_of(zones, zone)
    if rings == 1:
        copy_zone_box(zones, zone, out[0])
        return
    for ring in range(rings):
        box_of(zones.xy, zones.ring_start[first + ring], zones.ring_start[first + ring + 1], out[ring])


@borrowing
def copy_node_box(tree, level, node, out):
    """The box of a node, copied; which box it is of those the tree is made of, at level 0."""
    at = tree.level_start[level] + node
    for axis in range(4):
        out[axis] = tree.box[at, axis]
    return tree.order[node] if level == 0 else -1


@borrowing
def covers_middle(stack, free, rings, window):
    """Whether thinned rings that do not touch the window enclose it."""
    x, y = (window[0] + window[2]) / 2, (window[1] + window[3]) / 2
    return winding(stack.xy, stack.ring_start[free:], rings, x, y) > 0


@compiled
def walk(zones, some, parcels, tree, top_from, top_to):
    """All pairs of the zones `some` and the parcels below the top nodes top_from..top_to.

    Gives the pairs, how many, and the local rings of those that are not WHOLE, in their order.  What both threads read
    (zones, parcels, tree) is handed on whole and looked into only by what borrows it: else they wait for each other to
    count references.
    """
    pairs = Pairs(np.empty(64, np.int64), np.empty(64, np.int64), np.empty(64), np.empty(64, np.int64))
    local = Local(np.empty((256, 2)), np.zeros(65, np.int64), np.empty(65, np.bool_), np.zeros(65, np.int64))
    nodes, window, zone_box = np.empty((FAN * MOST_LEVELS, 5), np.int64), np.empty(4), np.empty(4)
    stack = Stack(np.empty((4096, 2)), np.empty(256, np.int64), np.empty(256, np.bool_), np.empty((256, 4)))
    own_box = np.empty((64, 4))
    edges, count, parts = np.empty((EDGE_ROWS, 256)), 0, 0
    for zone in some:
        own_rings, few = rings_of(zones, zone), vertices_of(zones, zone) <= FEW_VERTICES
        copy_zone_box(zones, zone, zone_box)
        own_box = longer_rows(own_box, own_rings)
        box_rings(zones, zone, own_box)
        depth = push_top(nodes, tree, top_from, top_to, zone_box, own_rings)
        while depth > 0:
            depth -= 1
            level, node, first, rings, free = popped(nodes, depth)
            row = copy_node_box(tree, level, node, window)
            if level > 0 and not worth_thinning(window, zone_box, few):
                depth = push_children(nodes, depth, tree, level, node, first, rings, free, zone_box)
                continue
            vertices = room_needed(zones, zone, stack, first, rings)
            if not has_room(stack, vertices, free + rings):
                stack = with_room(stack, vertices, free + rings)
            kept, touches = thin_to_node(zones, zone, own_box, stack, first, rings, free, window)
            if kept == 0:
                continue
            if not touches:
                if covers_middle(stack, free, kept, window):
                    pairs, count = add_all_below(pairs, count, tree, level, node, zone, parcels)
            elif level > 0:
                depth = push_children(nodes, depth, tree, level, node, free, kept, free + kept + 1, zone_box)
            else:
                edges = edges_with_room(edges, stack, free, kept)
                area, state = measure(parcels, row, window, stack, free, kept, edges)
                if state != 0:
                    pairs = add_pair(pairs, count, row, zone, area, state)
                    count += 1
                if state > WHOLE:
                    local = add_local(local, parts, stack, free, kept)
                    parts += 1
    return pairs, count, local
