"""The application: the command line and the wiring of the stages.

The only place that imports every stage.
"""
