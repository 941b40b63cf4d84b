"""Files in and out: the only wing that opens data."""
