"""The bench (基准): a made city, landkit and its peers in rotated rounds, ratios instead of seconds.

    landkit bench --parcels 100000 --zones redline-1000000 --peers shapely --rounds 5

`city` makes the layers, `peers` are the engines one may compare with, `single` runs one of them in a process of
its own, `rounds` takes turns and compares.  `noise` surveys layers whose truth is known,
`planted` scores the conflicts of any tool.
"""
