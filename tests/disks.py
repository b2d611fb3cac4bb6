"""Filesystems in memory whose power goes at a chosen operation; what is there then is what littlefs would keep."""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any

from hotspare_firmware.files import Files

# of what a write had to put down when the power went: nothing, so many percent, all of it, or something else
CHUNK_BYTES = 64  # that are put down at once: a chip's page is longer, so this cuts at more places
SHARES = ("none", "30 %", "70 %", "whole", "garbled")


class PowerCut(BaseException):
    """The power went: nothing of the firmware catches it."""


class CuttingFiles(Files):
    """Files whose power goes at the operation `cut_at`, counted from 1; what is there then stays in `kept`.

    An operation is what a filesystem may be in the middle of: a file made, a file's bytes put down, a name given. The
    first and the last are done or not, bytes may be there in part.
    """

    def __init__(self, kept: dict[str, bytes], cut_at: int = 0, share: str = "none") -> None:
        super().__init__("")
        self.kept = kept
        self.cut_at = cut_at
        self.share = share
        self.operations: list[str] = []

    def open(self, name: str, mode: str) -> IO[Any]:
        if mode == "rb":
            if name not in self.kept:
                raise OSError(2, name)
            return BytesIO(self.kept[name])
        self._operate("create", name, lambda: self.kept.update({name: b""}))
        return _Writing(self, name)

    def rename(self, old: str, new: str) -> None:
        self._operate("rename", old, lambda: self.kept.update({new: self.kept.pop(old)}))

    def _operate(self, what: str, name: str, act: Any) -> None:
        self.operations.append(what)
        if len(self.operations) != self.cut_at:
            act()
            return
        if self.share in ("whole", "70 %"):  # the last moment before the power went, and not the first one after
            act()
        raise PowerCut(f"{what} {name}")

    def put(self, name: str, data: bytes) -> None:
        """Put the bytes of a file down in chunks, or what of them got there."""
        for at in range(0, len(data), CHUNK_BYTES):
            self._write(name, data[at : at + CHUNK_BYTES])

    def _write(self, name: str, chunk: bytes) -> None:
        self.operations.append("write")
        if len(self.operations) != self.cut_at:
            self.kept[name] += chunk
            return
        count = {"none": 0, "30 %": len(chunk) * 3 // 10, "70 %": len(chunk) * 7 // 10}.get(self.share, len(chunk))
        there = chunk[:count]
        self.kept[name] += bytes(byte ^ 0x5A for byte in there) if self.share == "garbled" else there
        raise PowerCut(f"write {name}")


class _Writing(BytesIO):
    def __init__(self, files: CuttingFiles, name: str) -> None:
        super().__init__()
        self._files, self._name = files, name

    def __exit__(self, kind: Any, *error: Any) -> None:
        data = self.getvalue()
        super().__exit__(kind, *error)
        if kind is None:
            self._files.put(self._name, data)
