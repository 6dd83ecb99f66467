"""Frames: where they lie, how they are decoded, coded anew and rendered; bounded in memory, and pure."""
