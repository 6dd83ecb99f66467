"""Frames: decoded, written in other transfer syntaxes, rendered as pictures; pure, and loaded when first needed.

    bytes ── frames.decode ──► Frame(samples) ──┬── encoders.encode ──► bytes in another syntax
      │         (codecs, rle, isolation)        └── rendering ──► JPEG, PNG, GIF
      └── transcoding: whole files                  (geometry, grayscale, colour)

Nothing here knows HTTP or where files are kept. Codecs are optional: without one there is a `NoCodec`.
"""
