"""The whole firm as one YAML file: read with places, compared with what is there, applied, and written."""
