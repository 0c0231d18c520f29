"""The screen: a Textual app over the store. The only room that imports textual.

`view` reads the store into frozen slices, `render/` turns slices into lines of inked text,
`panes/` and `screens/` show them, `commands` is the one table of what keys do.
"""
