"""What commits a wave: sealed input resolved against the newest snapshot and published as one commit."""
