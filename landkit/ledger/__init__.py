"""What a run rests on and what it made: the manifest."""
