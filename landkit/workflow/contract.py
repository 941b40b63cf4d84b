"""The columns that other people's scripts read: add to them, never take away."""

from __future__ import annotations

CONTRACT: dict[str, list[str]] = {
    "stock": ["parcel_id", "park_id", "area_m2", "area_mu", "stock_class", "stock_status", "rules", "reason", "net_area_m2"],
    "conflicts": [
        "conflict_id", "parcel_id", "park_id", "line", "zone_id", "encroached_m2", "encroached_mu", "parcel_share",
        "width_m", "margin_m", "verdict", "severity", "rules", "reason", "layer_version",
    ],
    "layout": ["parcel_id", "park_id", "cluster_id", "cluster_share", "axis_id", "axis_distance_m", "layout_verdict", "reason"],
    "intensity": [
        "parcel_id", "park_id", "area_mu", "tax_wan_yuan_per_mu", "sales_wan_yuan_per_mu", "output_wan_yuan_per_mu",
        "investment_wan_yuan_per_mu", "floor_area_ratio", "rating", "reason",
    ],
    "zonal": [
        "parcel_id", "park_id", "area_m2", "raster", "raster_name", "raster_unit", "raster_mean", "raster_sum", "raster_min",
        "raster_max", "raster_majority", "data_share", "nodata_share", "cell_count", "too_small", "reason",
    ],
    "parks": ["park_id", "park_name", "area_m2", "stock_mu", "conflict_mu", "tax_wan_yuan_per_mu"],
}  # fmt: skip
