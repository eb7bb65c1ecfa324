"""What happens to the data: one sub-package a step; pure functions, and thin Beam transforms over them."""
