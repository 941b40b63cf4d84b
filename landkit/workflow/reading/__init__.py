"""The second step: a study read, layer by layer and table by table, in our columns, in one CRS, measured once."""
