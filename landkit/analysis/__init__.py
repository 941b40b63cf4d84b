"""One question per file.  Pure: values in, tables out; nothing is read, written, rounded or put into words here."""
