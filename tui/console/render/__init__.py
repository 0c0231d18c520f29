"""Pure: slices to lines of inked text. One file for each part of the screen; no widget, no store."""
