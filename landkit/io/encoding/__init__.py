"""How text is written (文字编码): found by what a file says and by the text itself; and text that was spoilt before it came."""
