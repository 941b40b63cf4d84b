"""Coordinate text of land surveys (勘测定界 / 报备坐标文本), in and out: its grammar, its rings, its CRS."""
