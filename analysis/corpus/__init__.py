"""Articles -> clean -> documents -> sentences -> syntax -> voices."""
