"""How result layers are drawn (图例): one set of symbols, as QML for QGIS and as SLD for GeoServer and SuperMap."""
