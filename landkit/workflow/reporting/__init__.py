"""The verb `report`: what the report says, its maps, and the document written."""
