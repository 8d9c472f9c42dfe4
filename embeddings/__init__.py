"""Encoders, readers and search indexes: strings and arrays in, arrays out; nothing here knows what an article is."""
