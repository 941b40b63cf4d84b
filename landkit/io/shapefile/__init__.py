"""Shapefiles, in and out: whether all files are there, how their text is written, what their table can hold."""
