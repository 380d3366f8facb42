"""How right the measures are: scores against coded text, and coding by people."""
