"""The verdict (判定): does a parcel break a control line, given how accurate both layers are, and how sure is that?

In the order of a judgement: `case` (what is asked), `prepared` (shapes read and drawn), `line_area` and `pieces` (what breaks
the line), `extent` and `coverage` (where a layer may be trusted), `layer_pair` with `scatter` and the displacement (what the
layers say of each other), `look` (what there is to see of a parcel), `thresholds` (how deep is deeper than error), `judging`
(the verdict) and `review` (what people look at first).
"""
