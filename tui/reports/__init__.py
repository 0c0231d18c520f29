"""What is taken away: JSON shapes, the post-mortem, exports. Everything is read through a connection it is given."""
