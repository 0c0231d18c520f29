"""What is taken away: JSON shapes, Markdown, the post-mortem, exports."""
