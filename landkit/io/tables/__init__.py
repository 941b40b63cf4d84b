"""Tables in, from CSV and Excel: sheets, rows under a header, cells with what is written beside their value, days."""
