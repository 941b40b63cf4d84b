"""Whether a layer lies displaced as a whole against a line (图层整体偏移): shift, rotation and scale, and shifts of single tiles.

`search` is what others call; `fit` explains depths by a shift, `check` undoes it to see whether it is believable, `model` says
what a displacement is.
"""
