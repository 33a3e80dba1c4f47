"""The SOP language: documents, their checker, their expressions. Pure: no database, no Temporal, no Flask."""
