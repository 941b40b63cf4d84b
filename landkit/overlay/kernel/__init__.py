"""The overlay kernel: which parcels share ground with which zones, and exactly how much.

The problem
-----------
A city has 100,000 parcels of some 20 vertices; a red line has a million.  An overlay engine that takes pair by
pair pays the whole red line for every parcel that meets it.  This one pays for each parcel only the edges that
pass through its own box, makes no shape where a number will do, and checks every shape it makes against a
number that was found without it.

The method, in the order in which the files are read
----------------------------------------------------
1. `reading`, `polygons`: rows of WKB become flat arrays of vertices, ring after ring; shells run counter-
   clockwise, holes clockwise, so that inside is always on the left.  `valid`, `simple`: a polygon whose edges
   meet only end to end is valid (some that all lead one way cannot meet, and are not searched); what is not
   certain GEOS judges, and what is invalid goes no further.
2. `tree`: the parcels' boxes in a packed Hilbert tree.
3. `walk`, `thin`: each zone goes down the tree; at each node its rings are thinned to the node's box, and those whose
   own boxes lie beside it are passed over.  Where no edge is left in the box, everything below is inside or outside
   as a whole.
4. `area`: at a leaf the shared area is a sum over pairs of edges: no intersection is constructed.
5. `crossings`, `clip`: only for parcels that a line crosses, and only where geometry is asked for, the shared
   polygon is walked round (Weiler and Atherton).  Its area must be that of step 4 within 1e-6 m2 + 1e-9, and
   no two of its edges may meet; otherwise `geos` does the pair.
6. `pairs`: threads and order.  `measuring`: areas on the ellipsoid and widths of the pieces.  `arrow`: all of it as a
   pure function from an Arrow table to an Arrow table.

The shared area by signed trapezoids
------------------------------------
Take a polygon A, inside on the left.  At a given x its boundary lies at heights y1(x), y2(x), ...  Let s(e) be
-1 for an edge e that runs to the right and +1 for one that runs to the left.  A point (x, y) with no edge above
it is outside; each edge above it that runs left brings the inside nearer, each that runs right takes it away:

    [(x, y) in A]  =  sum of s(e) over the edges e of A above (x, y).

That is the winding number, and the sum over trapezoids below edges gives the area of A: Green's theorem for a
polygon.  For two polygons multiply the two sums.  A point has both an edge e of A and an edge f of B above it
just where it lies below the lower of the two, so

    area(A and B)  =  sum over e in A, f in B of  s(e) s(f) T(e, f),

where T(e, f) is the area below the lower of e and f, over the x that both of them span, down to any floor: the
floor does not matter, because the signs of a closed ring sum to 0 at every x.  T is one trapezoid, or two where
e and f cross (`area.lower_trapezoids`).  Nothing is degenerate: touching edges, shared edges and shared vertices
give T like any other, holes carry their own sign, and parts simply add.

By hand.  A is the square (0,0) (2,0) (2,2) (0,2); B the triangle (1,0) (3,0) (1,2), whose slope is y = 3 - x.
Upright edges have no width.  Of A the top (s = +1, y = 2) and the bottom (s = -1, y = 0) are left, over x from 0 to
2; of B the slope (s = +1) and the bottom (s = -1), over x from 1 to 3.  Both span x from 1 to 2, where the slope
falls from 2 to 1.  Four pairs, down to the floor y = -1:

    top, slope        +1 * +1    the slope is the lower one, 3 to 2 above the floor    +2.5
    top, bottom       +1 * -1    the bottom, 1 above the floor                         -1
    bottom, slope     -1 * +1    the bottom                                            -1
    bottom, bottom    -1 * -1    both                                                  +1

The sum is 1.5: the triangle has 2, of which the corner beyond x = 2, 1 * 1 / 2, lies outside A.  Down to the floor
y = 0 only the first pair is left, (2 + 1) / 2 * 1, and the sum is the same.

Why A needs only the edges of B in its own box.  An edge f of B beside the box shares no x with A.  One below the box
is the lower one of every pair, so that its terms are s(f) T(f) times the sum of s(e), which is 0 at every x.  One above
the box never is: only its sign and its x count, and it may be straightened along the upper side.

What it costs.  With n parcels, m of them crossed by a line, and V vertices of zones: V for each level of the
tree that the line passes through, and for each crossed parcel the product of its own edges and those in its box.

What is no row.  Borders that are drawn as one differ by the last binary digit wherever one side has a corner more.  What is
on the mean (2A/P) no wider than four of these is dropped, by the kernel as by GEOS: with the zone number in the easting
(39,500,000 m) up to 3e-8 m, which along 300 m is 9e-6 m2 and so more than the 1e-6 m2 of step 5.

What it assumes.  A projected CRS in metres; valid polygons (checked).  Heights are dropped.  A shape that spans
the antimeridian cannot occur in a projected CRS; in degrees it is refused before it gets here.

Sources
-------
Franklin, Sivaswami, Sun, Kankanhalli & Narayanaswami, "Calculating the area of overlaid polygons without constructing
the overlay", Cartography and Geographic Information Systems, 1994 (that areas need no shapes; theirs are summed
over half-edges found on a uniform grid, these over pairs of edges found down a tree, without points of crossing).
Kamel & Faloutsos, "On Packing R-trees", CIKM 1993 (the tree).  Weiler & Atherton, "Hidden surface removal using
polygon area sorting", SIGGRAPH 1977 (the clip).  The outcodes of `thin` are Cohen and Sutherland's.  GEOS, which
judges and takes over what is not clear, is the oracle of the tests.
"""
