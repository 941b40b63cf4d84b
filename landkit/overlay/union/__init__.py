"""Polygons of one line taken as one area (合并), so that land under two of them counts once, and no gap without width stays.

`dissolve` is what others call; `contacts` finds where polygons come near each other, `uniting` cuts lines there and puts areas
together, `places` finds where gaps may lie that are too narrow to be ground, `seams` closes them.
"""
