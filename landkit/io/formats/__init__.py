"""How each family of files is read (格式): one file per family, all giving rows as they stand in the file."""
