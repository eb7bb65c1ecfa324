"""Runs on an engine: any runner of Beam's beside the one in this process, such as a Flink cluster."""
