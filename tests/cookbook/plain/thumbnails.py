# thumbnails.py, in plain asyncio
import asyncio
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from PIL import Image


def shrink(picture: Path) -> str:
    """Make a thumbnail, in a child process."""
    with Image.open(picture) as image:
        image.thumbnail((64, 64))
        image.save(picture.with_suffix(".jpg"))
        return f"{picture.name}: {image.width} x {image.height}"


async def shrink_all(pictures: Sequence[Path]) -> list[str | BaseException]:
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor() as pool:
        calls = [loop.run_in_executor(pool, shrink, picture) for picture in pictures]
        return await asyncio.gather(*calls, return_exceptions=True)


def main(folder: Path) -> None:
    pictures = sorted(folder.glob("*.png"))
    for picture, outcome in zip(pictures, asyncio.run(shrink_all(pictures)), strict=True):
        match outcome:
            case BaseException():
                print(f"{picture.name}: failed")
            case line:
                print(line)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
