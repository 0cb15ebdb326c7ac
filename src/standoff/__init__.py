"""Annotated corpora as plain files: in step with Doccano, released as versioned Hugging Face datasets."""

__version__ = "0.1.0"
