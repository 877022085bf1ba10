"""Faces of a run: what its gauges say, shown to people and to other programs.

Each is a module of its own, and needs packages that typedpipes itself does without.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from typedpipes.plumber import Plumber

if TYPE_CHECKING:
    from aiohttp.web import Application

    from typedpipes.observe.web.serving import Viewer

__all__ = ["aiohttp_app", "page"]


def page(
    *plumbers: Plumber,
    control: bool = False,
    items: bool = False,
    port: int = 0,
    host: str = "127.0.0.1",
    token: str | None = None,
    hosts: Collection[str] = (),
    linger: float = 0.0,
) -> AbstractAsyncContextManager[Viewer]:
    """Serve a page on which runs are seen as they go on, while a block of code runs.

        async with page(plumber, control=True) as viewer:
            print(viewer.url)
            await plumber.run()

    Its address has a token in it, which a browser exchanges for a cookie; without one of them there
    is nothing to see. Nothing is computed as long as no page is open. At most 20 are, and one that
    does not read what it is sent is dropped. At the end of the block pages get the last numbers.

    It belongs in the thread in which the plumbers run. It needs the extra `page`.

    Args:
        plumbers: what is seen, each on a page of its own; before, during and after its runs.
        control: whether a page can pause, resume, drain and abort.
        items: whether a page shows what failed: the text of errors, and the items, in 200
            characters each. Otherwise it shows numbers and the names of types.
        port: where to listen; 0 takes a free port.
        host: the address to listen at. Another one than that of this machine needs a `token` of
            your own, and is warned about: what goes over the network is not encrypted.
        token: what the address has in it: 16 letters, digits, - or _, or more; random by default.
        hosts: other names that browsers reach it by, such as `build.example:8080`. All others are
            refused, which keeps out pages whose name leads here.
        linger: for how many seconds it stays after the block.

    Raises:
        ImportError: aiohttp is not installed.
        SettingError: there is no plumber, a number is out of bounds, the token is no token or is
            missing, or nothing can listen there.
        WiringErrors: the drawing of a plumber is wrong.
    """
    from typedpipes.observe.web.serving import serve  # noqa: PLC0415  # aiohttp is an extra

    return serve(
        plumbers,
        control=control,
        items=items,
        port=port,
        host=host,
        token=token,
        hosts=hosts,
        linger=linger,
    )


def aiohttp_app(*plumbers: Plumber, control: bool = False, items: bool = False) -> Application:
    """Return the same page as an application, to be a part of one of yours.

        app.add_subapp("/pipeline", aiohttp_app(plumber))

    The page is at `/pipeline/` then. Who may see it is up to your application: there is no token.
    Commands from pages of other origins are refused all the same.

    Args:
        plumbers: as for `page`.
        control: as for `page`.
        items: as for `page`.

    Raises:
        ImportError: aiohttp is not installed.
        SettingError: there is no plumber.
        WiringErrors: the drawing of a plumber is wrong.
    """
    from typedpipes.observe.web.application import make_app  # noqa: PLC0415  # as above

    return make_app(plumbers, control=control, items=items)
