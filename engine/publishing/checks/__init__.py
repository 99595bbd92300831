"""What a pack is held against before it is published, one module for each kind of finding."""
