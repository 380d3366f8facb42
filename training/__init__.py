"""How what stands in data/models was made: one module for each model, `python -m training.MODULE`."""
