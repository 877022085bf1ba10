# crawler.py, in plain asyncio
import asyncio
import re
import sys
from urllib.parse import urljoin

import aiohttp
from attrs import frozen


@frozen
class Page:
    url: str
    links: list[str]


async def fetch(url: str, session: aiohttp.ClientSession) -> Page:
    async with session.get(url, raise_for_status=True) as answer:
        text = await answer.text()
    return Page(url, [urljoin(url, link) for link in re.findall(r'href="(.*?)"', text)])


async def crawl(start: str) -> tuple[list[str], list[str]]:
    """Return the pages that were fetched, and those that could not be."""
    urls = asyncio.Queue[str]()
    known = {start}
    fetched: list[str] = []
    failed: list[str] = []

    async def work(session: aiohttp.ClientSession) -> None:
        while True:
            url = await urls.get()
            try:
                async with asyncio.timeout(10):
                    page = await fetch(url, session)
                fetched.append(url)
                for link in page.links:
                    if link.startswith(start) and link not in known:
                        known.add(link)
                        urls.put_nowait(link)
            except Exception:  # noqa: BLE001  # whatever it is, other pages go on
                failed.append(url)
            finally:
                urls.task_done()

    urls.put_nowait(start)
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        workers = [group.create_task(work(session)) for _ in range(20)]
        await urls.join()
        for worker in workers:
            worker.cancel()
    return fetched, failed


if __name__ == "__main__":
    found, gone = asyncio.run(crawl(sys.argv[1]))
    print(len(found), "pages; gone:", *gone)
