"""What a responder can do, act by act."""
