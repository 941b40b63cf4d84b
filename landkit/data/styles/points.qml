<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.28.0" styleCategories="Symbology|Fields" hasScaleBasedVisibilityFlag="0">
  <renderer-v2 type="categorizedSymbol" attr={attr} symbollevels="0">
    <categories>
{categories}
    </categories>
    <symbols>
{symbols}
    </symbols>
  </renderer-v2>
  <blendMode>0</blendMode>
  <featureBlendMode>0</featureBlendMode>
  <layerOpacity>1</layerOpacity>
  <aliases>
{aliases}
  </aliases>
  <layerGeometryType>0</layerGeometryType>
</qgis>
