"""Wirecopy follows the news wires: who published what, when, and whose text it is."""
