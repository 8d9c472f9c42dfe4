"""Question answering over an archive of articles: every answer quotes the paragraphs that it comes from."""

__version__ = "0.1.0"
