"""Building blocks that panes and screens share."""
