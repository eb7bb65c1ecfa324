"""What agencies sent and send besides NewsML-G2, NITF and ninjs, and collections of it."""
