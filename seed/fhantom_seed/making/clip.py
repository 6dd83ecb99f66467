"""`python -m fhantom_seed.making.clip`: draw the intraoral clip again; needs `imageio-ffmpeg`.

The clip is committed and is the source of the video object, since encoders change from build to build.
"""

from __future__ import annotations

import subprocess
from importlib import import_module
from pathlib import Path

from fhantom_seed.drawing.photographs import mouth
from fhantom_seed.making.photographs import (
    VIDEO_COLUMNS,
    VIDEO_FRAME_MS,
    VIDEO_FRAMES,
    VIDEO_ROWS,
    to_bytes,
)

CLIP = Path(__file__).with_name("intraoral.mp4")


def main() -> None:
    imageio_ffmpeg = import_module("imageio_ffmpeg")

    frames = [mouth(VIDEO_ROWS, VIDEO_COLUMNS, number / (VIDEO_FRAMES - 1)) for number in range(VIDEO_FRAMES)]
    raw = b"".join(to_bytes(frame).tobytes() for frame in frames)
    # H.264 High Profile, at most level 4.1, as PS3.5 8.2.7 asks
    command = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error"),
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{VIDEO_COLUMNS}x{VIDEO_ROWS}"),
        *("-r", str(1000 // VIDEO_FRAME_MS), "-i", "-"),
        *("-c:v", "libx264", "-profile:v", "high", "-level", "4.1", "-pix_fmt", "yuv420p"),
        *("-threads", "1", "-crf", "26", "-g", "25", "-fflags", "+bitexact", "-flags", "+bitexact"),
        *("-movflags", "+faststart", str(CLIP)),
    ]
    subprocess.run(command, input=raw, check=True)


if __name__ == "__main__":
    main()
