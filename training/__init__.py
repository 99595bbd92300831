"""Fictional people at work, day by day on the training clock: demonstrations and long proofs.

What they do follows from a seed alone, so the same seed gives the same events, hashes included.
"""
