"""Results to documents in memory.  No arithmetic but rounding, reprojecting and simplifying."""
