"""The fifth step: results as the inputs of map, ledger, sheets and raster; no arithmetic but sums and counts for display."""
