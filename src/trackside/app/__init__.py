"""The application: the command line and the wiring of the stages.

Owns the commands, the pipeline from a recording to a solved pose, and the demo. The only place that
imports every stage.
"""
