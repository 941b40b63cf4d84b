"""Interactive maps that open anywhere: folium inside, one HTML file, no network (离线地图)."""

from landkit.present.webmap.basemap import Basemap, known_basemap
from landkit.present.webmap.content import WORD_KEYS, Fields, MapContent, Overlay, Parcels, Theme, Tour
from landkit.present.webmap.layers import OverlayLayer, ParcelLayer
from landkit.present.webmap.offline import framed, offline_html
from landkit.present.webmap.page import PackedMap, draw_map, draw_pair, pack_map

__all__ = [
    "WORD_KEYS", "Basemap", "Fields", "MapContent", "Overlay", "OverlayLayer", "PackedMap", "ParcelLayer", "Parcels", "Theme",
    "Tour", "draw_map", "draw_pair", "framed", "known_basemap", "offline_html", "pack_map",
]  # fmt: skip
